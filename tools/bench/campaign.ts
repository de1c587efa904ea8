// `npm run bench:campaign [mails] [inbox messages]`: how fast a campaign goes out, as a ratio to nodemailer's own pooled sending to the
// same sink in the same run, how long security mail takes meanwhile, and how much more memory the service takes for many recipients
// than for 10,000: `npm run bench:campaign 5000 200000` for the full number.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { figure } from './figure.ts';
import { NotificationLab } from './notification-lab.ts';

const BODY = '# A new film\n\nWatch it **today**, {{ email }}.\n\n[Watch](https://cinema.example/film)';
/** Mails per second to nodemailer's own. */
const RATIO = 0.7;
/** For security mail while a campaign runs; milliseconds. */
const SECURITY_P99_MS = 30_000;
const SECURITY_MAILS = 150;
/** Peak memory for all recipients to that for the first 10,000. */
const MEMORY_GROWTH = 1.2;
const [mails = 5_000, inbox = 40_000] = process.argv.slice(2).map(Number);
const few = Math.max(10_000, mails);
const lab = new NotificationLab();

/** Mails a second at the sink while `work` runs, from its first mail to its last. */
async function rateOf(work: () => Promise<void>): Promise<number> {
  const before = lab.sink.count;
  let first = 0;
  const watch = setInterval(() => {
    if (first === 0 && lab.sink.count > before) first = performance.now();
  }, 5);
  const began = performance.now();
  await work();
  clearInterval(watch);
  return Math.round(((lab.sink.count - before) * 1000) / (performance.now() - (first || began)));
}

async function nodemailerAlone(html: string): Promise<void> {
  const args = [join(import.meta.dirname, 'campaign-worker.ts'), String(lab.smtpPort), String(mails), html];
  const child = spawn(process.execPath, args, { stdio: 'inherit' });
  await new Promise<void>((resolve, reject) => {
    child.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`The worker ended with ${code}`))));
  });
}

async function finished(id: string): Promise<void> {
  while ((await lab.campaign(id)).status === 'running') await delay(100);
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

try {
  await lab.start();
  await lab.addUsers(mails);
  const { items } = await lab.call<{ items: { html: string }[] }>('POST', '/admin/campaigns/preview', {
    content: { en: { subject: 'x', body: BODY } },
  });
  const html = items[0]!.html.replaceAll('reader@example.com', '{{ email }}');
  const alone = await rateOf(() => nodemailerAlone(html));
  let campaign = 0;
  const mailMemory = await peakMemory(async () => {
    campaign = await rateOf(async () => finished(await lab.startCampaign(['email'], BODY)));
  });
  const busy = lab.startCampaign(['email'], BODY);
  const tookMs = (await lab.securityMails(SECURITY_MAILS, 50)).toSorted((a, b) => a - b);
  const stillRuns = (await lab.campaign(await busy)).status === 'running';
  await finished(await busy);
  const toInbox = () => peakMemory(async () => finished(await lab.startCampaign(['inbox'], BODY)));
  await lab.addUsers(few - mails);
  const fewMemory = await toInbox();
  await lab.addUsers(inbox - few);
  const began = performance.now();
  const manyMemory = await toInbox();
  const inboxRate = Math.round((inbox * 1000) / (performance.now() - began));
  const ratio = campaign / alone;
  console.log(`nodemailer's own pooled sending   ${alone} mails/s (${mails} mails)`);
  console.log(`a campaign                        ${campaign} mails/s, ratio ${ratio.toFixed(2)}`);
  console.log(`inbox messages                    ${inboxRate}/s (${inbox} messages, snapshot included)`);
  figure('campaign.mails_ratio', ratio, { atLeast: RATIO });
  const p99 = tookMs[Math.ceil(tookMs.length * 0.99) - 1]!;
  console.log(
    `security mail meanwhile           p50 ${Math.round(tookMs[Math.floor(tookMs.length / 2)]!)} ms (${SECURITY_MAILS} mails)`,
  );
  if (!stillRuns) console.log('the campaign was over before the last security mail: give it more mails');
  figure('campaign.security_mail_p99_ms', p99, { atMost: SECURITY_P99_MS });
  console.log(
    `peak memory of the service        ${mailMemory} MB mailing ${mails}, ${fewMemory} MB for ${few} inbox messages, ${manyMemory} MB for ${inbox}`,
  );
  figure('campaign.memory_growth', manyMemory / fewMemory, { atMost: MEMORY_GROWTH });
} finally {
  await lab.stop();
}
