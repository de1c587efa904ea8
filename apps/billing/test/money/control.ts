/** The provider sandbox's control plane: the payer, the bank, the clock and the faults, played by a test. */
export class Control {
  constructor(private readonly url: string) {}

  async call<T = Record<string, unknown>>(method: string, path: string, body?: object): Promise<T> {
    const response = await fetch(`${this.url}/_sandbox${path}`, {
      method,
      headers: { authorization: 'Bearer sandbox', ...(body && { 'content-type': 'application/json' }) },
      body: body ? JSON.stringify(body) : null,
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return (text ? JSON.parse(text) : undefined) as T;
  }

  /** Loses every webhook until `faultsOff`. */
  async loseWebhooks(): Promise<void> {
    await this.call('POST', '/faults', { provider: 'stripe', kind: 'webhook.drop' });
  }

  async faultsOff(): Promise<void> {
    await this.call('DELETE', '/faults');
  }
}
