import type { Host } from '../host.ts';
import { jsonDouble } from '../http/json-number.ts';
import { jsonOrJsonp } from '../http/jsonp.ts';
import type { Request, Response } from '../http/http.ts';
import { PullGauge } from '../metrics/pull-gauge.ts';
import { Process } from '../process.ts';

/** What the machine has and how busy it is: `/system/stats.json`, and metrics of the same. */
export class SystemProcess extends Process {
  readonly #gauges: PullGauge[] = [];

  constructor() {
    super('system');
    this.route('/stats.json', (request) => this.#stats(request), {
      help: { summary: 'Load, processors and memory of the machine.' },
    });
  }

  protected override initialize(): void {
    const { host } = this.runtime;
    for (const [name, read] of Object.entries(METRICS)) {
      this.#gauges.push(this.node.metrics.add(new PullGauge(name, () => read(host))));
    }
  }

  protected override finalize(): void {
    for (const gauge of this.#gauges) this.node.metrics.remove(gauge);
  }

  #stats(request: Request): Response {
    const { host } = this.runtime;
    const [one, five, fifteen] = host.loadAverage();
    const fields = [
      `"avg_load_15min":${jsonDouble(fifteen)}`,
      `"avg_load_1min":${jsonDouble(one)}`,
      `"avg_load_5min":${jsonDouble(five)}`,
      `"cpus_total":${host.cpus}`,
      `"mem_free_bytes":${host.memoryBytesFree()}`,
      `"mem_total_bytes":${host.memoryBytesTotal}`,
    ];
    return jsonOrJsonp(request, `{${fields.join(',')}}`);
  }
}

const METRICS: Readonly<Record<string, (host: Host) => number>> = {
  'system/load_1min': (host) => host.loadAverage()[0],
  'system/load_5min': (host) => host.loadAverage()[1],
  'system/load_15min': (host) => host.loadAverage()[2],
  'system/cpus_total': (host) => host.cpus,
  'system/mem_free_bytes': (host) => host.memoryBytesFree(),
  'system/mem_total_bytes': (host) => host.memoryBytesTotal,
};
