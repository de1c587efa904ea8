import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEVICE_TYPES, deviceKeyOf, deviceOf } from './client.js';

const CHROME =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36';

describe('the device a request comes from', () => {
  it.each([
    [CHROME, 'desktop', 'Chrome', 'Windows'],
    [
      'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1',
      'mobile',
      'Safari',
      'iOS',
    ],
    [
      'Mozilla/5.0 (iPad; CPU OS 16_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/16.6 Mobile/15E148 Safari/604.1',
      'tablet',
      'Safari',
      'iOS',
    ],
    [
      'Mozilla/5.0 (Web0S; Linux/SmartTV) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/108.0.5359.211 Safari/537.36 WebAppManager',
      'smart_tv',
      null,
      null,
    ],
    [
      'Mozilla/5.0 (SMART-TV; Linux; Tizen 7.0) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/2.2 Chrome/108.0.5359.1 TV Safari/537.36',
      'smart_tv',
      null,
      null,
    ],
    ['Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)', 'bot', null, null],
    ['curl/8.5.0', 'unknown', null, null],
    ['', 'unknown', null, null],
  ])('%s is a %s', (userAgent, type, browser, os) => {
    const device = deviceOf(userAgent);
    expect(device.type).toBe(type);
    if (browser) expect(device).toMatchObject({ browser, os });
  });

  it('is one of the known types whatever the header holds', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 2000 }), (text) => {
        expect(DEVICE_TYPES).toContain(deviceOf(text).type);
      }),
    );
  });

  it('has names that events can take, whatever the header holds', () => {
    expect(deviceOf(`${'A'.repeat(400)}/1.0 (X)`).browser).toBe('A'.repeat(200));
  });

  it('stays the same device when the browser is updated', () => {
    expect(deviceKeyOf(deviceOf(CHROME))).toEqual(deviceKeyOf(deviceOf(CHROME.replace('140', '141'))));
  });
});
