/** Name and version of an event, as written on its class. */
export interface ContractInfo {
  /** `<app>.<noun>.<past verb>` */
  name: string;
  version: number;
  /** One sentence for the generated documentation. */
  description: string;
  /** No app listens to it yet, so that no queue takes it is no fault. Checked when docs/events.md is made. */
  unheard?: boolean;
}

/** The class of a contract's payload. */
export type ContractClass<T extends object = object> = new (...args: never[]) => T;

/** The plain values a payload is made of. */
export type Facts<T> = { [K in keyof T]: T[K] };

const byClass = new Map<ContractClass, ContractInfo>();
const byKey = new Map<string, ContractClass>();

/** Declares a class as the payload of one version of an event; throws at load when the name and version are taken. */
export function Contract(info: ContractInfo): ClassDecorator {
  return (target) => {
    const cls = target as unknown as ContractClass;
    const key = `${info.name}.v${info.version}`;
    if (byKey.has(key)) throw new Error(`Two contracts are called ${key}`);
    byClass.set(cls, info);
    byKey.set(key, cls);
  };
}

/** Name and version of a payload class; throws when it is not a contract. */
export function contractOf(cls: ContractClass): ContractInfo {
  const info = byClass.get(cls);
  if (!info) throw new Error(`${cls.name} is not a contract: @Contract is missing`);
  return info;
}

/** `<name>.v<version>`, under which the event is published and bound. */
export function routingKeyOf(cls: ContractClass): string {
  const { name, version } = contractOf(cls);
  return `${name}.v${version}`;
}

/** The app whose news this is: the only one that may publish it. */
export function appOf({ name }: { name: string }): string {
  return name.split('.', 1)[0]!;
}

/** Every contract there is, by routing key. */
export function allContracts(): ReadonlyMap<string, ContractClass> {
  return byKey;
}
