import { applyDecorators, type ArgumentMetadata, Injectable, ParseUUIDPipe } from '@nestjs/common';
import { Transform } from 'class-transformer';
import { IsUUID, type ValidationOptions } from 'class-validator';

/** An id in a body or a query: any UUID, in small letters as every store of ours has it. */
export const Uuid = (options?: ValidationOptions): PropertyDecorator =>
  applyDecorators(
    Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? value.toLowerCase() : value)),
    IsUUID(undefined, options),
  );

/** An id in a path: any UUID, in small letters. */
@Injectable()
export class UuidPipe extends ParseUUIDPipe {
  override async transform(value: unknown, metadata: ArgumentMetadata): Promise<string> {
    await super.transform(value, metadata);
    return String(value).toLowerCase();
  }
}
