import { setTimeout as pause } from 'node:timers/promises';
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from 'smtp-server';
import type { Faults } from '../core/faults.ts';
import type { ActivityLog } from '../core/log.ts';
import type { Mailbox } from './mailbox.ts';

/** Ways the server can misbehave; `match` is the recipient's address (for the first three: the client's), `value` is in brackets. */
export const MAIL_FAULTS = {
  slow_banner: 'greets late [ms, 5000]',
  refuse_connection: '421 at the greeting',
  drop_at_connect: 'cuts the connection at the greeting',
  reject: 'refuses the recipient [reply code, 550]',
  reject_data: 'refuses the message after DATA [reply code, 552]',
  hang: 'never answers the recipient',
  hang_after_data: 'keeps the message and never confirms it',
  slow: 'answers the recipient late [ms, 5000]',
  drop_before_data: 'cuts the connection when DATA begins, nothing kept',
  drop_after_data: 'keeps the message, then cuts the connection instead of confirming',
} as const;

export interface MailWorld {
  mailbox: Mailbox;
  faults: Faults;
  log: ActivityLog;
  now: () => number;
}

type Done = (error?: Error | null) => void;

class SmtpRefusal extends Error {
  readonly responseCode: number;

  constructor(responseCode: number, message: string) {
    super(message);
    this.responseCode = responseCode;
  }
}

const REFUSALS: Record<number, string> = {
  421: '4.3.2 Service not available, try later',
  450: '4.2.0 Greylisted, try again later',
  451: '4.3.0 Try again later',
  452: '4.2.2 Mailbox full for now',
  550: '5.1.1 No such mailbox',
  552: '5.3.4 Message exceeds the size limit',
  554: '5.7.1 Refused by policy',
};

function refusal(code: number): SmtpRefusal {
  return new SmtpRefusal(code, REFUSALS[code] ?? (code < 500 ? '4.0.0 Temporary failure' : '5.0.0 Permanent failure'));
}

/** An SMTP server that accepts everything it is not told to refuse. */
export function smtpServer(world: MailWorld): SMTPServer {
  const server: SMTPServer = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    disableReverseLookup: true,
    allowInsecureAuth: true,
    hideSTARTTLS: true,
    banner: 'SANDBOX: no mail leaves this server',
    closeTimeout: 200,
    onAuth: (auth, _session, done) => done(null, { user: auth.username ?? 'sandbox' }),
    onConnect: (session, done) => void greet(world, server, session, done),
    onRcptTo: (address, session, done) => void recipient(world, server, address.address, session, done),
    onData: (stream, session, done) => void message(world, server, stream, session, done),
  });
  server.on('error', (error) => world.log.add('mail', 'smtp error', { message: error.message }));
  return server;
}

async function greet(world: MailWorld, server: SMTPServer, session: SMTPServerSession, done: Done): Promise<void> {
  const rule = world.faults.take(
    'mail',
    ['slow_banner', 'refuse_connection', 'drop_at_connect'],
    session.remoteAddress,
  );
  if (rule?.kind === 'slow_banner') await pause(rule.value ?? 5000);
  if (rule?.kind === 'drop_at_connect') return cut(server, session);
  done(rule?.kind === 'refuse_connection' ? refusal(421) : null);
}

async function recipient(
  world: MailWorld,
  server: SMTPServer,
  address: string,
  session: SMTPServerSession,
  done: Done,
): Promise<void> {
  const rule = world.faults.take('mail', ['reject', 'hang', 'slow'], address);
  world.log.add('mail', 'RCPT TO', { to: address, fault: rule?.kind });
  if (rule?.kind === 'hang') return;
  if (rule?.kind === 'reject') return done(refusal(rule.value ?? 550));
  const box = address.split('@')[0]?.split('+')[0]?.toLowerCase();
  if (box === 'bounce') return done(refusal(550));
  if (box === 'defer') return done(refusal(451));
  if (rule?.kind === 'slow') await pause(rule.value ?? 5000);
  else if (box === 'slow') await pause(3000);
  const dropped = world.faults.take('mail', ['drop_before_data'], address);
  if (dropped) return cut(server, session);
  done();
}

async function message(
  world: MailWorld,
  server: SMTPServer,
  stream: SMTPServerDataStream,
  session: SMTPServerSession,
  done: Done,
): Promise<void> {
  try {
    const raw = await read(stream);
    const envelope = {
      from: session.envelope.mailFrom === false ? '' : session.envelope.mailFrom.address,
      to: session.envelope.rcptTo.map(({ address }) => address),
    };
    const rule = world.faults.take('mail', ['reject_data', 'hang_after_data', 'drop_after_data'], envelope.to[0] ?? '');
    if (rule?.kind === 'reject_data') return done(refusal(rule.value ?? 552));
    const mail = await world.mailbox.accept(raw, envelope, world.now());
    world.log.add('mail', 'accepted', { id: mail.id, to: envelope.to, subject: mail.subject, fault: rule?.kind });
    if (rule?.kind === 'hang_after_data') return;
    if (rule?.kind === 'drop_after_data') return cut(server, session);
    done();
  } catch (error) {
    done(error instanceof Error ? error : new Error(String(error)));
  }
}

async function read(stream: SMTPServerDataStream): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** Ends the client's connection without a word. */
function cut(server: SMTPServer, session: SMTPServerSession): void {
  for (const connection of server.connections as Set<{ id: string; _socket: { destroy: () => void } }>) {
    if (connection.id === session.id) connection._socket.destroy();
  }
}
