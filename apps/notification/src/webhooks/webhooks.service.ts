import { Injectable } from '@nestjs/common';
import { DeliveriesRepository } from '../deliveries/deliveries.repository.js';
import type { Channel, Outcome } from '../deliveries/delivery.js';
import type { Delivery } from '../deliveries/delivery.schema.js';
import { CircuitBreaker } from '../mail/circuit-breaker.js';
import { NotificationConfig } from '../notification.config.js';
import { RecipientsService } from '../recipients/recipients.service.js';
import { judge, type Standing } from '../recipients/standing.js';
import { kindOf, type MessageClass, type TemplateKey } from '../templates/template.js';
import { TemplatesService } from '../templates/templates.service.js';
import type { WebhookEndpoint } from './webhook-endpoint.js';
import { signedHeaders } from './webhook-signature.js';
import { WebhookTransport } from './webhook-transport.js';

/** When a receiver that mostly fails is called again; milliseconds. */
const REST_MS = 15_000;

/** Posts messages to their receivers, one delivery at a time. */
@Injectable()
export class WebhooksService {
  private readonly transport: WebhookTransport;
  private readonly endpoints: ReadonlyMap<Channel, WebhookEndpoint>;
  private readonly breakers: ReadonlyMap<Channel, CircuitBreaker>;

  constructor(
    { WEBHOOK_ENDPOINTS, WEBHOOK_ALLOW_PRIVATE }: NotificationConfig,
    private readonly deliveries: DeliveriesRepository,
    private readonly recipients: RecipientsService,
    private readonly templates: TemplatesService,
  ) {
    this.transport = new WebhookTransport({ allowPrivate: WEBHOOK_ALLOW_PRIVATE });
    this.endpoints = new Map(WEBHOOK_ENDPOINTS.map((endpoint) => [`webhook:${endpoint.name}` as const, endpoint]));
    this.breakers = new Map([...this.endpoints.keys()].map((channel) => [channel, new CircuitBreaker()]));
  }

  /** The channels a message goes to. A secret link is for its user's mailbox alone: a message that carries one goes nowhere else. */
  channelsFor(template: TemplateKey): Channel[] {
    const { class: kind, variables } = kindOf(template);
    if (Object.values(variables).includes('sealedLink')) return [];
    return [...this.endpoints].filter(([, { classes }]) => classes.includes(kind)).map(([channel]) => channel);
  }

  /** All channels, for finding what is due. */
  get channels(): Channel[] {
    return [...this.endpoints.keys()];
  }

  /** Posts one delivery, unless it is final, not due or somebody else's just now. */
  async deliver(id: string): Promise<void> {
    const delivery = await this.deliveries.take(id);
    const endpoint = delivery && this.endpoints.get(delivery.channel);
    if (!delivery?.template || !endpoint) return;
    const standing = await this.recipients.standingOf(delivery);
    const verdict = judge(delivery, standing, new Date());
    const outcome: Outcome =
      verdict.say === 'no'
        ? { state: 'skipped', reason: verdict.reason }
        : await this.post(endpoint, delivery, delivery.template, standing);
    await this.deliveries.record([{ delivery, outcome }]);
  }

  private async post(
    { url, secrets }: WebhookEndpoint,
    delivery: Delivery,
    template: TemplateKey,
    { contact }: Standing,
  ): Promise<Outcome> {
    const breaker = this.breakers.get(delivery.channel)!;
    if (!breaker.allows()) {
      return { state: 'pending', reason: 'provider_down', until: new Date(Date.now() + REST_MS) };
    }
    const locale = contact?.locale ?? delivery.to?.locale ?? 'en';
    const { subject, summary } = (await this.templates.find(template, locale)).render(delivery.facts ?? {});
    const body: WebhookMessage = {
      type: `message.${template}`,
      timestamp: delivery.createdAt.toISOString(),
      data: {
        class: delivery.class,
        user: { id: delivery.userId, email: contact?.email ?? null, locale },
        title: subject,
        text: summary,
      },
    };
    const text = JSON.stringify(body);
    const outcome = await this.transport.post(url, text, signedHeaders(delivery._id, text, secrets));
    breaker.record(outcome.state !== 'pending');
    return outcome;
  }
}

/** What a receiver gets. */
interface WebhookMessage {
  /** `message.` and the template's name. */
  type: string;
  /** When there was something to say. */
  timestamp: string;
  data: {
    class: MessageClass;
    user: { id: string; email: string | null; locale: string };
    title: string;
    text: string;
  };
}
