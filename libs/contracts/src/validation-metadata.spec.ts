import {
  getMetadataStorage,
  IsIn,
  IsString,
  Length,
  MetadataStorage,
  ValidateNested,
  validateSync,
} from 'class-validator';
import { describe, expect, it, vi } from 'vitest';
import { rememberRules } from './validation-metadata.js';

class Animal {
  @IsString() name: unknown;
  @Length(1, 3, { groups: ['short'] }) nick: unknown;
}

class Dog extends Animal {
  @IsIn(['bark', 'whine']) says: unknown;
}

class Kennel {
  @ValidateNested({ each: true }) dogs: unknown;
}

const dog = (fields: Partial<Dog>): Dog =>
  Object.assign(new Dog(), { name: 'Rex', says: 'bark', nick: 'R', ...fields });
const faults = (of: object, groups?: string[]): string[] =>
  validateSync(of, groups ? { groups } : {}).map(({ property }) => property);

describe('remembered rules', () => {
  it('are gathered once for a class, and by the library itself', () => {
    const storage = new MetadataStorage();
    const gather = vi.spyOn(storage, 'getTargetValidationMetadatas');
    rememberRules(storage);
    const [first, second] = [1, 2].map(() => storage.getTargetValidationMetadatas(Dog, '', false, false));
    expect(second).toBe(first);
    expect(gather).toHaveBeenCalledTimes(1);
  });

  it('are gathered once for what is nested, too', () => {
    rememberRules();
    const { validationMetadatas } = getMetadataStorage() as unknown as { validationMetadatas: Map<unknown, unknown> };
    const gather = vi.spyOn(validationMetadatas, 'entries');
    const kennel = (): Kennel => Object.assign(new Kennel(), { dogs: [dog({}), dog({ says: 'miaow' })] });
    for (let time = 0; time < 3; time++) expect(faults(kennel())).toEqual(['dogs']);
    expect(gather).toHaveBeenCalledTimes(2);
    gather.mockRestore();
  });

  it('are the same every time, with those of the class it extends', () => {
    for (let time = 0; time < 2; time++) {
      expect(faults(dog({}))).toEqual([]);
      expect(faults(dog({ says: 'miaow', name: 7 })).sort()).toEqual(['name', 'says']);
      expect(faults(Object.assign(new Animal(), { name: 7, nick: 'R' }))).toEqual(['name']);
    }
  });

  it('are not mixed up between groups', () => {
    for (let time = 0; time < 2; time++) {
      expect(faults(dog({ nick: 'Rexie' }), ['short'])).toEqual(['nick']);
      expect(faults(dog({ says: 'miaow' }), ['short'])).toEqual([]);
    }
  });

  it('are not kept for data that calls itself a constructor', () => {
    const storage = new MetadataStorage();
    const gather = vi.spyOn(storage, 'getTargetValidationMetadatas');
    rememberRules(storage);
    const data = 'Dog' as unknown as Function;
    for (let time = 0; time < 2; time++)
      expect(() => storage.getTargetValidationMetadatas(data, '', false, false)).not.toThrow();
    expect(gather).toHaveBeenCalledTimes(2);
  });
});
