import { Future, FuturePromise } from '../../libprocess/future.ts';
import type { MasterInfo } from '../../proto/index.ts';

/** Leadership that was won. */
export interface Candidacy {
  /** Ready when it is lost; the master must end then, for another one leads. */
  readonly lost: Future<void>;
}

/** The way to become the leading master. */
export interface Contender {
  /** Ready when this master leads. */
  contend(info: MasterInfo): Future<Candidacy>;
}

/** There is one master, so that it leads at once and for ever. */
export class StandaloneContender implements Contender {
  contend(_info: MasterInfo): Future<Candidacy> {
    return Future.ready({ lost: new FuturePromise<void>().future });
  }
}
