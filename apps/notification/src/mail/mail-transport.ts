import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { createTransport, type Transporter } from 'nodemailer';
import type SMTPPool from 'nodemailer/lib/smtp-pool/index.js';
import type { Lane } from '../deliveries/delivery.js';
import { NotificationConfig } from '../notification.config.js';

/** A mail as it goes out. */
export interface OutgoingMail {
  to: string;
  messageId: string;
  subject: string;
  text: string;
  html: string;
  headers?: Record<string, string>;
}

/** Connections per lane: the most mails of a lane that are under way at once. */
export const LANE_CONNECTIONS: Record<Lane, number> = { security: 3, standard: 5, bulk: 8 };

/** Together shorter than a delivery's lease; milliseconds. */
const TIMEOUTS = { connectionTimeout: 5_000, greetingTimeout: 10_000, socketTimeout: 20_000, dnsTimeout: 5_000 };

/** SMTP, with connections of its own for each lane. */
@Injectable()
export class MailTransport implements OnApplicationShutdown {
  private readonly lanes: Record<Lane, Transporter<SMTPPool.SentMessageInfo>>;

  constructor(private readonly config: NotificationConfig) {
    this.lanes = { security: this.pool('security'), standard: this.pool('standard'), bulk: this.pool('bulk') };
  }

  /** Hands a mail over and returns the server's answer; rejects with nodemailer's error. */
  async send(lane: Lane, mail: OutgoingMail): Promise<string> {
    const { to, ...rest } = mail;
    // As an object the address is one address, whatever it contains.
    const sent = await this.lanes[lane].sendMail({
      ...rest,
      from: this.config.MAIL_FROM,
      to: { name: '', address: to },
    });
    return sent.response;
  }

  onApplicationShutdown(): void {
    for (const lane of Object.values(this.lanes)) lane.close();
  }

  private pool(lane: Lane): Transporter<SMTPPool.SentMessageInfo> {
    return createTransport({
      ...TIMEOUTS,
      url: this.config.SMTP_URL,
      pool: true,
      maxConnections: LANE_CONNECTIONS[lane],
      maxMessages: 1_000,
      disableFileAccess: true,
      disableUrlAccess: true,
    });
  }
}
