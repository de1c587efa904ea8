// `npm run bench:campaign [mails] [inbox messages]`: how fast a campaign goes out, as a ratio to nodemailer's own pooled sending of the
// same mails to the same sink, in slices that alternate; how long security mail takes while a campaign of `BENCH_BUSY_MAILS` runs; and how
// much more memory the service takes for many recipients than for 10,000: `npm run bench:campaign 5000 200000` for the full number.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { simpleParser } from 'mailparser';
import type { YardstickText } from './campaign-worker.ts';
import { figure } from './figure.ts';
import { NotificationLab } from './notification-lab.ts';

const BODY = '# A new film\n\nWatch it **today**, {{ email }}.\n\n[Watch](https://cinema.example/film)';
/** Mails per second to nodemailer's own. */
const RATIO = 0.9;
/** Pairs of slices; one more before them warms both sides up. */
const PAIRS = 4;
/** For security mail while a campaign runs; milliseconds. */
const SECURITY_P99_MS = 30_000;
const SECURITY_EVERY_MS = 50;
/** Peak memory for all recipients to that for the first 10,000. */
const MEMORY_GROWTH = 1.2;
const [mails = 5_000, inbox = 40_000] = process.argv.slice(2).map(Number);
const busyMails = Number(process.env['BENCH_BUSY_MAILS'] ?? mails);
const few = 10_000;
const lab = new NotificationLab();

/** What a slice was like at the sink. */
interface Slice {
  /** Mails a second, from the first to the last. */
  rate: number;
  /** Of a mail, on average. */
  bytes: number;
}

async function sliceOf(work: () => Promise<unknown>): Promise<Slice> {
  const [count, bytes] = [lab.sink.count, lab.sink.bytes];
  let [first, last] = [0, 0];
  lab.sink.onMail = () => {
    last = performance.now();
    first ||= last;
  };
  await work();
  lab.sink.onMail = () => undefined;
  const sent = lab.sink.count - count;
  return { rate: (sent * 1000) / (last - first), bytes: (lab.sink.bytes - bytes) / sent };
}

/** Asked seldom, since each answer counts all deliveries. */
async function finished(id: string): Promise<void> {
  while ((await lab.campaign(id)).status === 'running') await delay(500);
}

async function campaignTo(users: number, channel: 'email' | 'inbox'): Promise<void> {
  await lab.removeUsers();
  await lab.addUsers(users);
  await finished(await lab.startCampaign([channel], BODY));
}

/** What the service itself says to a reader of each language. */
async function texts(): Promise<YardstickText[]> {
  lab.sink.kept = new Map();
  await campaignTo(2, 'email');
  const kept = [...lab.sink.kept];
  lab.sink.kept = undefined;
  return Promise.all(
    kept.map(async ([address, raw]) => {
      const { subject = '', text = '', html, headerLines } = await simpleParser(raw);
      const own = headerLines
        .filter(({ key }) => key.startsWith('list-unsubscribe'))
        .map(({ line }) => line.split(': '));
      const open = (words: string): string => words.replaceAll(address, '{{ email }}');
      return { subject, text: open(text), html: open(html || ''), headers: Object.fromEntries(own) as never };
    }),
  );
}

async function yardstick(): Promise<ChildProcess> {
  const worker = join(import.meta.dirname, 'campaign-worker.ts');
  const child = fork(worker, [String(lab.smtpPort), JSON.stringify(await texts())], { execArgv: [] });
  await once(child, 'message');
  return child;
}

/** The median of the ratios of `PAIRS` pairs. */
async function mailsRatio(): Promise<number> {
  const nodemailer = await yardstick();
  const ratios: number[] = [];
  for (let pair = 0; pair <= PAIRS; pair++) {
    const alone = await sliceOf(async () => {
      nodemailer.send(mails);
      await once(nodemailer, 'message');
    });
    const campaign = await sliceOf(() => campaignTo(mails, 'email'));
    console.log(
      `nodemailer ${alone.rate.toFixed(0)} mails/s of ${alone.bytes.toFixed(0)} bytes, a campaign ${campaign.rate.toFixed(0)} mails/s of ` +
        `${campaign.bytes.toFixed(0)} bytes, ratio ${(campaign.rate / alone.rate).toFixed(2)}${pair ? '' : ' (not counted)'}`,
    );
    if (pair > 0) ratios.push(campaign.rate / alone.rate);
  }
  nodemailer.disconnect();
  return middle(ratios);
}

/** Of all security mails while the campaign runs, from its start to its end. */
async function securityMails(): Promise<void> {
  await lab.removeUsers();
  await lab.addUsers(busyMails);
  const took = await lab.securityMails(SECURITY_EVERY_MS, lab.startCampaign(['email'], BODY).then(finished));
  const sorted = took.toSorted((a, b) => a - b);
  console.log(
    `security mail meanwhile           p50 ${middle(sorted).toFixed(0)} ms (${sorted.length} mails beside ${busyMails})`,
  );
  figure('campaign.security_mail_p99_ms', sorted[Math.ceil(sorted.length * 0.99) - 1]!, { atMost: SECURITY_P99_MS });
}

/** Resident memory of the service in MB; the highest while `work` runs. */
async function peakMemory(work: () => Promise<void>): Promise<number> {
  let peak = 0;
  const watch = setInterval(() => {
    const kilobytes = Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${lab.service.pid}/status`, 'utf8'))?.[1]);
    peak = Math.max(peak, kilobytes / 1024);
  }, 100);
  await work();
  clearInterval(watch);
  return Math.round(peak);
}

async function memory(): Promise<void> {
  const fewMemory = await peakMemory(() => campaignTo(few, 'inbox'));
  const manyMemory = await peakMemory(() => campaignTo(inbox, 'inbox'));
  console.log(
    `peak memory of the service        ${fewMemory} MB for ${few} inbox messages, ${manyMemory} MB for ${inbox}`,
  );
  figure('campaign.memory_growth', manyMemory / fewMemory, { atMost: MEMORY_GROWTH });
}

function middle(numbers: number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return (sorted[Math.floor((sorted.length - 1) / 2)]! + sorted[Math.ceil((sorted.length - 1) / 2)]!) / 2;
}

try {
  await lab.start();
  figure('campaign.mails_ratio', await mailsRatio(), { atLeast: RATIO });
  await securityMails();
  await memory();
} finally {
  await lab.stop();
}
