import { setTimeout as delay } from 'node:timers/promises';
import { NotificationLab } from './notification-lab.ts';

/** What a campaign under fire left behind. */
export interface KillReport {
  users: number;
  kills: Record<string, number>;
  seconds: number;
  status: string;
  progress: Record<string, number>;
  /** Deliveries in each state, counted in the database. */
  documents: Record<string, number>;
  inbox: { missing: number; doubled: number };
  mail: { lost: number; doubled: number; differentIds: number };
}

const BODY = '# A new film\n\nWatch it **today**, {{ email }}.\n\n[Watch](https://cinema.example/film)';
/** Longer than everything a killed sender leaves behind takes to be taken up again. */
const STANDSTILL_MS = 60_000;
/** A mail server of the slower kind; milliseconds for a mail. */
const MAIL_MS = 25;
const FINISH_DEADLINE_MS = 10 * 60_000;

/**
 * Sends a campaign to `users` while the service, the broker, Redis and MongoDB are killed with SIGKILL in turn, `kills` times in all,
 * and counts what arrived.
 */
export async function campaignUnderFire(
  users: number,
  kills: number,
  say: (line: string) => void = () => undefined,
): Promise<KillReport> {
  const lab = new NotificationLab();
  try {
    await lab.start();
    // So that every kill finds mails in hand.
    lab.sink.answerAfterMs = MAIL_MS;
    await lab.addUsers(users);
    const began = performance.now();
    const id = await lab.startCampaign(['inbox', 'email'], BODY);
    const killed = await killInTurn(lab, id, kills, say);
    const { status, progress } = await finished(lab, id);
    const seconds = Math.round((performance.now() - began) / 100) / 10;
    return { users, kills: killed, seconds, status, progress, ...(await count(lab, users)) };
  } finally {
    await lab.stop();
  }
}

async function killInTurn(
  lab: NotificationLab,
  id: string,
  kills: number,
  say: (line: string) => void,
): Promise<Record<string, number>> {
  const victims = {
    notification: lab.service,
    mongo: lab.stores.mongo,
    redis: lab.stores.redis,
    rabbit: lab.stores.rabbit,
  };
  const killed: Record<string, number> = {};
  for (let kill = 0; kill < kills; kill++) {
    // The broker takes long to come back and has no part in a running campaign: every tenth kill is enough.
    const name = kill % 10 === 9 ? 'rabbit' : (['notification', 'mongo', 'redis'] as const)[kill % 3]!;
    if (!(await moreMails(lab, id))) break;
    await delay(Math.random() * 400);
    await victims[name].kill('SIGKILL');
    await victims[name].restart();
    killed[name] = (killed[name] ?? 0) + 1;
    say(`kill ${kill + 1}: ${name}, ${lab.sink.count} mails so far`);
  }
  return killed;
}

/** Waits until the campaign has gone on since the last kill; false when there is nothing left to send. */
async function moreMails(lab: NotificationLab, id: string): Promise<boolean> {
  const before = lab.sink.count;
  const deadline = Date.now() + STANDSTILL_MS;
  while (lab.sink.count < before + 50) {
    const campaign = await lab.campaign(id).catch(() => undefined);
    if (campaign && campaign.status !== 'running') return false;
    if (Date.now() > deadline) throw new Error('The campaign stands still');
    await delay(20);
  }
  return true;
}

async function finished(
  lab: NotificationLab,
  id: string,
): Promise<{ status: string; progress: Record<string, number> }> {
  const deadline = Date.now() + FINISH_DEADLINE_MS;
  for (;;) {
    const campaign = await lab.campaign(id).catch(() => undefined);
    if (campaign && campaign.status !== 'running') return campaign;
    if (Date.now() > deadline) throw new Error(`The campaign did not finish: ${JSON.stringify(campaign)}`);
    await delay(500);
  }
}

async function count(lab: NotificationLab, users: number): Promise<Pick<KillReport, 'documents' | 'inbox' | 'mail'>> {
  const { perUser, states } = await lab.withDatabase(async (db) => ({
    perUser: await db
      .collection('notifications')
      .aggregate<{ count: number }>([{ $group: { _id: '$userId', count: { $sum: 1 } } }])
      .toArray(),
    states: await db
      .collection('deliveries')
      .aggregate<{ _id: string; count: number }>([{ $group: { _id: '$state', count: { $sum: 1 } } }])
      .toArray(),
  }));
  const mails = [...lab.sink.byAddress.values()];
  return {
    documents: Object.fromEntries(states.map((group) => [group._id, group.count])),
    inbox: { missing: users - perUser.length, doubled: perUser.filter((user) => user.count > 1).length },
    mail: {
      lost: users - mails.length,
      doubled: mails.reduce((sum, ids) => sum + ids.length - 1, 0),
      differentIds: mails.filter((ids) => new Set(ids).size > 1).length,
    },
  };
}

if (import.meta.main) {
  const [users = '10000', kills = '20'] = process.argv.slice(2);
  console.log(JSON.stringify(await campaignUnderFire(Number(users), Number(kills), console.log), null, 2));
}
