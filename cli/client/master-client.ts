import { request, type Agent } from 'node:http';
import { DialingAgent } from '../../libprocess/node/tls/dialing-agent.ts';
import type { Environment } from '../../libprocess/options/option-reader.ts';
import { readSslOptions, type SslOptions } from '../../libprocess/options/ssl-options.ts';
import { CommandError } from '../errors.ts';
import { EX_FAILED, EX_NOT_FOUND, EX_UNREACHABLE } from '../exit-codes.ts';
import { resolveMaster } from '../daemon/master-address.ts';

const ANSWER_MS = 10_000;
/** Of /tasks; a page at a time, so that no answer is huge. */
const TASKS_PER_PAGE = 1_000;

export interface ResourcesShown {
  readonly cpus: number;
  readonly mem: number;
  readonly disk: number;
  readonly gpus: number;
}

export interface TaskShown {
  readonly id: string;
  readonly name: string;
  readonly framework_id: string;
  readonly slave_id: string;
  readonly state: string;
  readonly resources: ResourcesShown;
  readonly statuses: readonly { readonly timestamp: number }[];
}

export interface AgentShown {
  readonly id: string;
  readonly hostname: string;
  readonly pid: string;
  readonly active: boolean;
  readonly resources: ResourcesShown;
  readonly used_resources: ResourcesShown;
}

export interface FrameworkShown {
  readonly id: string;
  readonly name: string;
  readonly user: string;
  readonly role?: string;
  readonly active: boolean;
  readonly connected: boolean;
  readonly used_resources: ResourcesShown;
  readonly tasks: readonly TaskShown[];
}

interface Answer {
  readonly status: number;
  readonly body: string;
}

/** Asks a master, over HTTP. Errors are `CommandError`s. */
export class MasterClient {
  readonly #address: string;
  readonly #written: string;
  /** Of connections that are secured, if `LIBPROCESS_SSL_*` asks for that. */
  readonly #agent: Agent | undefined;

  private constructor(address: string, written: string, ssl: SslOptions | undefined) {
    this.#address = address;
    this.#written = written;
    this.#agent = ssl && DialingAgent.of(ssl);
  }

  static async open(written: string, env: Environment): Promise<MasterClient> {
    const ssl = readSslOptions(env);
    return new MasterClient((await resolveMaster(written)).address, written, ssl);
  }

  async tasks(): Promise<TaskShown[]> {
    const all: TaskShown[] = [];
    for (;;) {
      const { tasks } = await this.#get<{ tasks: readonly TaskShown[] }>(
        `/tasks?order=asc&limit=${TASKS_PER_PAGE}&offset=${all.length}`,
      );
      all.push(...tasks);
      if (tasks.length < TASKS_PER_PAGE) return all;
    }
  }

  async agents(): Promise<readonly AgentShown[]> {
    return (await this.#get<{ slaves: readonly AgentShown[] }>('/slaves')).slaves;
  }

  async frameworks(): Promise<{
    frameworks: readonly FrameworkShown[];
    completed_frameworks: readonly FrameworkShown[];
  }> {
    return this.#get('/frameworks');
  }

  async teardown(frameworkId: string): Promise<void> {
    await this.#post('/teardown', { frameworkId });
  }

  async killTask(frameworkId: string, taskId: string): Promise<void> {
    await this.#post('/kill-task', { frameworkId, taskId });
  }

  async #get<T>(path: string): Promise<T> {
    const { status, body } = await this.#ask('GET', path);
    if (status !== 200) throw this.#refused(status, body);
    return JSON.parse(body) as T; // A master wrote it.
  }

  async #post(path: string, form: Readonly<Record<string, string>>): Promise<void> {
    const { status, body } = await this.#ask('POST', path, new URLSearchParams(form).toString());
    if (status === 200 || status === 202) return;
    if (/^No \w+ found/.test(body)) throw new CommandError(body, EX_NOT_FOUND);
    throw this.#refused(status, body);
  }

  #refused(status: number, body: string): CommandError {
    const reason = status === 503 ? 'it does not lead, or not yet' : body;
    return new CommandError(
      `The master at ${this.#written} answers ${status}: ${reason}`,
      status === 503 ? EX_UNREACHABLE : EX_FAILED,
    );
  }

  #ask(method: string, path: string, form?: string): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const fail = (reason: string): void => {
        const advice = 'Give its address by --master=HOST:PORT.';
        const message = `No master answers at ${this.#written}: ${reason}`;
        reject(new CommandError(message, EX_UNREACHABLE, advice));
      };
      const headers = form === undefined ? {} : FORM_HEADERS;
      const url = `http://${this.#address}${path}`;
      const agent = this.#agent;
      const options = { method, headers, timeout: ANSWER_MS, ...(agent && { agent }) };
      const asked = request(url, options, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', (error) => fail(error.message));
        response.on('end', () => {
          const body = Buffer.concat(chunks).toString();
          resolve({ status: response.statusCode ?? 0, body });
        });
      });
      asked.on('timeout', () => {
        asked.destroy(new Error(`nothing came for ${ANSWER_MS / 1_000} seconds`));
      });
      asked.on('error', (error: NodeJS.ErrnoException) => {
        fail(error.code === 'ECONNREFUSED' ? 'nothing listens there' : error.message);
      });
      asked.end(form);
    });
  }
}

const FORM_HEADERS = { 'content-type': 'application/x-www-form-urlencoded' };
