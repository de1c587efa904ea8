import type Stripe from 'stripe';
import type { StripeApi } from './api.ts';
import { closeDispute, isOpen, submitEvidence } from './disputes.ts';
import { missing, refused } from './errors.ts';
import { EventBatch } from './events.ts';
import { listPage } from './listing.ts';
import { expandParam, flag, metadata, object, paging, range, readParams, text } from './params.ts';
import { mergeMetadata } from './routes-payments.ts';
import type { StripeWorld } from './world.ts';

/** `/v1/disputes`: read, list, answer with evidence, give in. */
export function disputeRoutes(api: StripeApi, world: StripeWorld): void {
  api.on('GET', '/v1/disputes', ({ input }) => {
    const params = readParams({ ...paging, created: range, charge: text(), payment_intent: text() }, input);
    const rows = world.disputes
      .newestFirst()
      .filter(
        (dispute) =>
          (params.created?.(dispute.created) ?? true) &&
          (params.charge === undefined || dispute.charge === params.charge) &&
          (params.payment_intent === undefined || dispute.payment_intent === params.payment_intent),
      );
    return { body: listPage(rows, params, '/v1/disputes'), expand: params.expand };
  });

  api.on('GET', '/v1/disputes/:id', ({ id, input }) => {
    const { expand } = readParams({ expand: expandParam }, input);
    return { body: find(world, id), expand };
  });

  api.on('POST', '/v1/disputes/:id', ({ id, input }) => {
    const params = readParams(
      {
        evidence: object({
          uncategorized_text: text(20_000),
          product_description: text(20_000),
          customer_email_address: text(),
          customer_name: text(),
        }),
        expand: expandParam,
        metadata,
        submit: flag,
      },
      input,
      ['intended_submission_method'],
    );
    const dispute = findOpen(world, id);
    dispute.metadata = mergeMetadata(dispute.metadata, params.metadata);
    world.disputes.put(id, dispute);
    if (params.evidence) {
      const batch = new EventBatch();
      submitEvidence(world, dispute, params.evidence.uncategorized_text, params.submit ?? true, batch);
      batch.publish(world);
    }
    return { body: dispute, expand: params.expand };
  });

  api.on('POST', '/v1/disputes/:id/close', ({ id, input }) => {
    const { expand } = readParams({ expand: expandParam }, input);
    const dispute = findOpen(world, id);
    const batch = new EventBatch();
    closeDispute(world, dispute, 'lost', batch);
    batch.publish(world);
    return { body: dispute, expand };
  });
}

function find(world: StripeWorld, id: string): Stripe.Dispute {
  const dispute = world.disputes.get(id);
  if (!dispute) throw missing('dispute', id, 'dispute');
  return dispute;
}

function findOpen(world: StripeWorld, id: string): Stripe.Dispute {
  const dispute = find(world, id);
  if (!isOpen(dispute)) throw refused('This dispute is already closed', undefined, 'dispute');
  return dispute;
}
