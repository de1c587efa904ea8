import { describe, expect, it } from 'vitest';
import { parseDeb822, parseList, parseOsRelease, repeatForSuite } from './apt-sources.ts';
import { atLeast } from './glibc.ts';
import { socketDirectory } from './mongo.ts';

const DEB822 = `Types: deb
# a comment
URIs: http://mirror.example/debian
Suites: bookworm bookworm-updates
Components: main
Signed-By: /usr/share/keyrings/debian.gpg

Enabled: no
Types: deb
URIs: http://off.example/debian
Suites: bookworm

Types: deb-src
URIs: http://sources.example/debian
Suites: bookworm
`;

describe('the sources of packages', () => {
  it('are read from both forms that apt has, without those that are off or hold sources only', () => {
    expect(parseDeb822(DEB822)).toEqual([
      {
        uri: 'http://mirror.example/debian',
        suites: ['bookworm', 'bookworm-updates'],
        signedBy: '/usr/share/keyrings/debian.gpg',
      },
    ]);
    expect(
      parseList(
        '# deb http://x y main\ndeb [arch=amd64 signed-by=/k.gpg] http://m.example/ubuntu jammy main universe\ndeb-src http://m z main',
      ),
    ).toEqual([{ uri: 'http://m.example/ubuntu', suites: ['jammy'], signedBy: '/k.gpg' }]);
  });

  it('keep a key that is written into the stanza', () => {
    const [source] = parseDeb822('Types: deb\nURIs: http://m\nSuites: a\nSigned-By:\n -----BEGIN\n .\n -----END\n');
    expect(source?.signedBy).toBe('\n -----BEGIN\n .\n -----END');
  });

  it('are repeated for a newer suite of the same mirror', () => {
    expect(repeatForSuite(parseDeb822(DEB822), 'bookworm', 'trixie')).toBe(
      'Types: deb\nURIs: http://mirror.example/debian\nSuites: trixie\nComponents: main\nSigned-By: /usr/share/keyrings/debian.gpg\n',
    );
    expect(repeatForSuite(parseDeb822(DEB822), 'buster', 'trixie')).toBeUndefined();
  });

  it('follow the release that the machine says it is', () => {
    expect(parseOsRelease('ID=debian\nPRETTY_NAME="Debian 12"\nVERSION_CODENAME=bookworm\n')).toMatchObject({
      ID: 'debian',
      PRETTY_NAME: 'Debian 12',
      VERSION_CODENAME: 'bookworm',
    });
  });
});

describe('a C library version', () => {
  it('is compared number by number', () => {
    expect(atLeast('2.38', '2.38')).toBe(true);
    expect(atLeast('2.41', '2.38')).toBe(true);
    expect(atLeast('3', '2.38')).toBe(true);
    expect(atLeast('2.36', '2.38')).toBe(false);
    expect(atLeast('2.4', '2.38')).toBe(false);
  });
});

describe("the directory of the engine's socket", () => {
  it('is short enough for a socket wherever the repository lies', () => {
    const deep = `/home/${'somebody/'.repeat(12)}.local/mongo`;
    expect(socketDirectory('/srv/app/.local/mongo')).toBe('/srv/app/.local/mongo');
    expect(`${socketDirectory(deep)}/embedded-mongodb-XXXXXX/mongodb.sock`.length).toBeLessThan(108);
    expect(socketDirectory(deep)).not.toBe(socketDirectory(`${deep}2`));
  });
});
