// Questions to the operator, and when they are asked.

const PATIENCE = 5_000;
const HIDDEN_PERIOD = 30_000;
const SLOWEST = 15_000;

/** The operator answered, but not with what was asked for. */
export class Refused extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/** The JSON at a path of this server. */
export async function get(path) {
  const response = await fetch(path, {signal: AbortSignal.timeout(PATIENCE)});
  if (!response.ok) {
    const answer = await response.json().catch(() => ({}));
    throw new Refused(response.status, answer.message ?? `HTTP status ${response.status}`);
  }
  return response.json();
}

/** The path of a job, whatever its name is. */
export function jobPath({namespace, name}) {
  return `api/jobs/${encodeURIComponent(namespace)}/${encodeURIComponent(name)}`;
}

/** Does something now and then again and again: less often after failures and while nobody looks. */
export class Poll {
  #task;
  #period;
  #timer;
  #failures = 0;
  #stopped = false;
  #look = () => this.#lookedAt();

  constructor(task, period) {
    this.#task = task;
    this.#period = period;
    document.addEventListener('visibilitychange', this.#look);
    this.#run();
  }

  stop() {
    this.#stopped = true;
    clearTimeout(this.#timer);
    document.removeEventListener('visibilitychange', this.#look);
  }

  #lookedAt() {
    if (!document.hidden) {
      clearTimeout(this.#timer);
      this.#run();
    }
  }

  async #run() {
    const failed = !(await this.#task());
    this.#failures = failed ? this.#failures + 1 : 0;
    if (!this.#stopped) {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#run(), this.#pause());
    }
  }

  #pause() {
    const pause = Math.min(SLOWEST, this.#period * 2 ** Math.min(this.#failures, 6));
    return document.hidden ? Math.max(HIDDEN_PERIOD, pause) : pause;
  }
}
