import { LineCounter, parseDocument } from 'yaml';
import { environmentFaults, readSettings, type Settings } from './compose-settings.ts';
import { isPinned, type Stage } from './dockerfile.ts';
import type { Finding } from './finding.ts';
import { read, type Tree } from './tree.ts';

interface Service {
  image?: string;
  build?: { context?: string; target?: string };
  command?: string | string[];
  environment?: Record<string, string | number | boolean>;
  depends_on?: Record<string, { condition?: string }>;
  healthcheck?: { test?: unknown; disable?: boolean };
  ports?: string[];
  volumes?: string[];
  networks?: string[];
  user?: string;
  read_only?: boolean;
  cap_drop?: string[];
  security_opt?: string[];
  privileged?: boolean;
  deploy?: { resources?: { limits?: { memory?: string; cpus?: string } } };
}

interface Compose {
  services: Record<string, Service>;
  volumes?: Record<string, unknown>;
  networks?: Record<string, unknown>;
}

const REQUIRED = [
  'auth_backend',
  'auth_db',
  'auth_migrations',
  'billing_db',
  'billing_migrations',
  'billing_service_backend',
  'jaeger',
  'mailpit',
  'mongodb',
  'notification_service_backend',
  'rabbitmq',
  'redis',
];

const FILE = 'docker-compose.yml';

/** Every service is there, hardened, watched by a health check, and told only what the configuration classes know. */
export function checkCompose(tree: Tree, stages: Stage[]): Finding[] {
  const text = read(tree, FILE);
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { merge: true, lineCounter });
  if (document.errors.length > 0) {
    return document.errors.map(({ message, pos }) => ({
      file: FILE,
      line: lineCounter.linePos(pos[0]).line,
      rule: 'yaml',
      message,
    }));
  }
  const { services, volumes = {}, networks = {} } = document.toJS() as Compose;
  const findings: Finding[] = [];
  const report = (name: string, rule: string, message: string): void => {
    const index = text.split('\n').findIndex((line) => line === `  ${name}:`);
    findings.push({ file: FILE, ...(index >= 0 && { line: index + 1 }), rule, message: `${name} ${message}` });
  };
  const facts: Facts = { tree, stages, services, volumes, networks, settings: readSettings(tree) };

  for (const name of REQUIRED) if (!services[name]) report(name, 'compose-service', 'is missing');
  for (const [name, service] of Object.entries(services)) {
    for (const [rule, message] of [
      ...hardening(service),
      ...health(name, service, facts),
      ...references(service, facts),
    ]) {
      report(name, rule, message);
    }
  }
  for (const name of new Set([...text.matchAll(/\$\{(\w+)/g)].map((match) => match[1] ?? ''))) {
    if (!facts.settings.template.has(name)) report(name, 'compose-variable', 'is in no line of deploy/env.template');
  }
  return findings;
}

interface Facts {
  tree: Tree;
  stages: Stage[];
  services: Record<string, Service>;
  volumes: Record<string, unknown>;
  networks: Record<string, unknown>;
  settings: Settings;
}

type Fault = [rule: string, message: string];

function* hardening(service: Service): Generator<Fault> {
  if (service.image && !isPinned(service.image)) yield ['image-pinned', `runs ${service.image}: name an exact version`];
  if (!service.image && !service.build) yield ['image-pinned', 'has neither an image nor a build'];
  if (!service.user || /^(root|0)(:|$)/.test(String(service.user))) yield ['image-non-root', 'does not name a user'];
  if (service.read_only !== true) yield ['read-only-root', 'can write its root file system'];
  if (!service.cap_drop?.includes('ALL')) yield ['drop-capabilities', 'keeps capabilities: cap_drop: [ALL]'];
  if (!service.security_opt?.includes('no-new-privileges:true')) yield ['no-new-privileges', 'may gain privileges'];
  if (service.privileged) yield ['no-new-privileges', 'is privileged'];
  const limits = service.deploy?.resources?.limits;
  if (!limits?.memory || !limits.cpus) yield ['resource-limits', 'has no memory or cpu limit'];
  for (const port of service.ports ?? []) {
    if (!port.startsWith('127.0.0.1:')) yield ['ports-on-loopback', `publishes ${port} on every address`];
  }
  for (const [name, value] of Object.entries(service.environment ?? {})) {
    const literal = String(value);
    const holdsSecret = /(PASSWORD|PASS|SECRET|TOKEN|KEY)$/.test(name) || /:\/\/[^/]*:[^/@]+@/.test(literal);
    if (holdsSecret && literal !== '' && !literal.includes('${'))
      yield ['no-default-secrets', `has ${name} written out`];
  }
}

/** A one-shot step, which ends, has no health: others wait for its completion. */
function* health(name: string, service: Service, { services }: Facts): Generator<Fault> {
  const waiters = Object.values(services).map((other) => other.depends_on?.[name]?.condition);
  const once = waiters.includes('service_completed_successfully');
  if (!once && !service.healthcheck?.test) yield ['healthcheck', 'has no health check'];
  for (const [target, { condition }] of Object.entries(service.depends_on ?? {})) {
    if (!services[target]) yield ['depends-on', `waits for ${target}, which is no service`];
    if (!['service_healthy', 'service_completed_successfully'].includes(condition ?? '')) {
      yield ['depends-on', `does not wait for ${target} to be ready`];
    }
  }
}

function* references(service: Service, facts: Facts): Generator<Fault> {
  const { tree, stages, volumes, networks, settings } = facts;
  const target = service.build?.target;
  if (target && !stages.some((stage) => stage.name === target))
    yield ['build-target', `builds no stage of the Dockerfile: ${target}`];
  for (const volume of service.volumes ?? []) {
    const [source = ''] = volume.split(':');
    if (source.startsWith('.')) {
      if (!tree.files.includes(source.slice(2))) yield ['volume-exists', `mounts ${source}, which does not exist`];
    } else if (!(source in volumes)) yield ['volume-exists', `mounts the undeclared volume ${source}`];
  }
  for (const network of service.networks ?? []) {
    if (!(network in networks)) yield ['network-exists', `joins the undeclared network ${network}`];
  }
  if (target !== 'runtime') return;
  const command = [service.command ?? []].flat().join(' ');
  const [, main] = /\bdist\/(\S+)\.js\b/.exec(command) ?? [];
  if (!main || !tree.files.includes(`${main}.ts`))
    yield ['command-exists', `runs "${command}", which no source builds`];
  yield* environmentFaults(settings, command, service.environment ?? {}, service.ports ?? []);
}
