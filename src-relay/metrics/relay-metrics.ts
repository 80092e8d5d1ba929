import { Counter, Gauge, Histogram, Registry } from 'prom-client';

const SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

export interface RelayMetrics {
  /** From a command's arrival to its durable result, in ms. */
  observeAppend(milliseconds: number): void;
  /** From a commit until it was handed to every console it concerns, in ms. */
  observeFanOut(milliseconds: number): void;
  countDelivery(channelId: string, outcome: string): void;
  /** Prometheus text. */
  render(): Promise<string>;
  contentType: string;
}

/** What is read at the moment somebody asks. */
export interface MeasuredState {
  countSessions(): number;
  head(): number;
  /** Open deliveries per channel id. */
  countOpenDeliveries(): ReadonlyMap<string, number>;
}

/** The relay's metrics in a registry of their own, so that two relays of one process (in tests) do not mix. */
export function createRelayMetrics(state: MeasuredState): RelayMetrics {
  const registry = new Registry();
  const registers = [registry];
  const measure = (name: string, help: string, labelNames: string[], read: (gauge: Gauge) => void) =>
    registry.registerMetric(
      new Gauge({
        name,
        help,
        labelNames,
        registers: [],
        collect() {
          read(this);
        },
      }),
    );
  measure('liendesk_connected_agents', 'Consoles with a session.', [], (gauge) => {
    gauge.set(state.countSessions());
  });
  measure('liendesk_log_position', 'Seq of the newest event of the log.', [], (gauge) => {
    gauge.set(state.head());
  });
  measure(
    'liendesk_outbox_depth',
    'Parts of outgoing messages that are queued or being sent.',
    ['channel'],
    (gauge) => {
      gauge.reset();
      for (const [channel, count] of state.countOpenDeliveries()) gauge.set({ channel }, count);
    },
  );
  measure('liendesk_memory_resident_bytes', 'Resident memory of the relay process.', [], (gauge) => {
    gauge.set(process.memoryUsage.rss());
  });
  const append = new Histogram({
    name: 'liendesk_append_seconds',
    help: "From a command's arrival to its durable result.",
    buckets: SECONDS,
    registers,
  });
  const fanOut = new Histogram({
    name: 'liendesk_fan_out_seconds',
    help: 'From a commit until it was handed to every console it concerns.',
    buckets: SECONDS,
    registers,
  });
  const deliveries = new Counter({
    name: 'liendesk_deliveries_total',
    help: 'Attempts to hand a part of a message to a channel, by outcome.',
    labelNames: ['channel', 'outcome'],
    registers,
  });
  return {
    observeAppend: (milliseconds) => append.observe(milliseconds / 1000),
    observeFanOut: (milliseconds) => fanOut.observe(milliseconds / 1000),
    countDelivery: (channel, outcome) => deliveries.inc({ channel, outcome }),
    render: () => registry.metrics(),
    contentType: registry.contentType,
  };
}
