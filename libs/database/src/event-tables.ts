/**
 * The tables of `#libs/messaging`, version 1, one statement per element: `outbox` holds what is to be published,
 * `inbox` what was already consumed. `appRole` gets the rights it needs and no more. Never edited; a change is a V2.
 */
export function outboxTablesUpV1(appRole: string): string[] {
  return [
    `CREATE TABLE outbox (
      id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_outbox PRIMARY KEY,
      message_id uuid NOT NULL,
      routing_key text NOT NULL,
      aggregate_id text NOT NULL,
      aggregate_version bigint NOT NULL,
      envelope json NOT NULL,
      traceparent text,
      occurred_at timestamptz NOT NULL DEFAULT now(),
      returns integer NOT NULL DEFAULT 0,
      retry_at timestamptz,
      sent_at timestamptz
    ) WITH (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000)`,
    'CREATE INDEX ix_outbox_unsent ON outbox (id) WHERE sent_at IS NULL',
    'CREATE INDEX ix_outbox_unsent_aggregate ON outbox (aggregate_id, id) WHERE sent_at IS NULL',
    'CREATE INDEX ix_outbox_occurred_at ON outbox USING brin (occurred_at)',
    `CREATE TABLE inbox (
      consumer text NOT NULL,
      message_id uuid NOT NULL,
      consumed_at timestamptz NOT NULL DEFAULT now(),
      CONSTRAINT pk_inbox PRIMARY KEY (consumer, message_id)
    )`,
    'CREATE INDEX ix_inbox_consumed_at ON inbox USING brin (consumed_at)',
    `GRANT SELECT, INSERT, UPDATE, DELETE ON outbox TO ${appRole}`,
    `GRANT SELECT, INSERT, DELETE ON inbox TO ${appRole}`,
  ];
}

/** Undoes `outboxTablesUpV1`. */
export function outboxTablesDownV1(): string[] {
  return ['DROP TABLE inbox', 'DROP TABLE outbox'];
}
