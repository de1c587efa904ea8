import { createHash } from 'node:crypto';
import Bowser from 'bowser';
import { LRUCache } from 'lru-cache';

/** Where a request came from. */
export interface Client {
  ip: string;
  userAgent: string;
}

/** Kinds of device the login history is divided by. */
export const DEVICE_TYPES = ['smart_tv', 'mobile', 'tablet', 'desktop', 'bot', 'unknown'] as const;

/** One of the kinds of device. */
export type DeviceType = (typeof DEVICE_TYPES)[number];

/** What the User-Agent tells about a device. It is a hint: nothing may depend on its being true. */
export interface Device {
  readonly type: DeviceType;
  readonly browser: string | null;
  readonly os: string | null;
}

/** A client as events tell of it. */
export interface Origin {
  deviceType: DeviceType;
  browser: string | undefined;
  os: string | undefined;
  ip: string;
}

/** Longer ones are cut: parsing is by regular expressions, and the column is for people. */
const MAX_USER_AGENT = 512;
/** A made-up browser may be called anything; events take names up to this length. */
const MAX_NAME = 200;

/** Most people come with one of a few. */
const devices = new LRUCache<string, Device>({ max: 1_000 });

const TYPES: Record<string, DeviceType> = {
  tv: 'smart_tv',
  mobile: 'mobile',
  tablet: 'tablet',
  desktop: 'desktop',
  bot: 'bot',
};

/** Reads a User-Agent; whatever it does not know becomes 'unknown'. */
export function deviceOf(userAgent: string): Device {
  const text = userAgent.slice(0, MAX_USER_AGENT);
  const known = devices.get(text);
  if (known) return known;
  const device = parse(text);
  devices.set(text, device);
  return device;
}

function parse(text: string): Device {
  if (!text) return { type: 'unknown', browser: null, os: null };
  const { platform, browser, os } = Bowser.parse(text);
  return { type: TYPES[platform.type ?? ''] ?? 'unknown', browser: nameOf(browser), os: nameOf(os) };
}

function nameOf({ name }: { name?: string | undefined }): string | null {
  return name?.slice(0, MAX_NAME) || null;
}

/** Where something happened, as events tell it. */
export function originOf(client: Client): Origin {
  const { type, browser, os } = deviceOf(client.userAgent);
  return { deviceType: type, browser: browser ?? undefined, os: os ?? undefined, ip: client.ip };
}

/** The same for every visit from the same kind of browser on the same kind of device: tells new devices from known ones. */
export function deviceKeyOf(device: Device): Buffer {
  return sha256(JSON.stringify([device.type, device.browser, device.os]));
}

/** Tells whether two requests came from the same client program. */
export function clientKeyOf(client: Client): Buffer {
  return sha256(client.userAgent.slice(0, MAX_USER_AGENT));
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
