import type { Acceptor } from '../../network.ts';
import type { DecidedDial, RawService, Service } from './network-fabric.ts';
import type { PipeEnd, PipeItem } from './pipe.ts';
import { HttpBytes } from './http-bytes.ts';
import { SimByteConnection } from './sim-bytes.ts';
import { SimConnection } from './sim-connection.ts';
import { ServedRequest } from './sim-http.ts';

type OnUpgrade = (dial: DecidedDial) => void;

/** Sets the server's handler of a new connection; its first item says which protocol it speaks. */
export function acceptPipe(
  end: PipeEnd,
  service: Service,
  onUpgrade: OnUpgrade = () => undefined,
): void {
  if (service.kind === 'socket') {
    service.accept(end);
    return;
  }
  let bytes: SimByteConnection | undefined;
  end.handler = {
    onItem: (item) => {
      if (item.kind === 'bytes') {
        bytes ??= acceptBytes(end, service);
        bytes.onItem(item);
      } else if (item.kind !== 'eof') {
        acceptItem(end, { service, item, onUpgrade });
      }
    },
    onClose: (reason, clean) => bytes?.onClose(reason, clean),
  };
}

/** Those that are told by what is said first. */
type Spoken = Exclude<Service, { readonly kind: 'socket' }>;

interface FirstItem {
  readonly service: Spoken;
  readonly item: PipeItem;
  readonly onUpgrade: OnUpgrade;
}

function acceptItem(end: PipeEnd, { service, item, onUpgrade }: FirstItem): void {
  if (item.kind === 'upgrade' && service.kind === 'node') {
    onUpgrade(upgrade(end, service.acceptor, item));
  } else if (item.kind === 'upgrade') {
    // What speaks no WebSocket knows no such path.
    end.send({ kind: 'decision', status: 404, headers: {} }, 0);
  } else if (item.kind === 'request' && service.kind === 'node') {
    const served = new ServedRequest(end, service.acceptor);
    end.handler = served;
    served.arrived(item);
  } else {
    end.abort('protocol not spoken here');
  }
}

function acceptBytes(end: PipeEnd, service: Spoken): SimByteConnection {
  if (service.kind === 'bytes') return rawConnection(end, service.accept);
  const { acceptor } = service;
  return rawConnection(end, (client, address) => new HttpBytes(acceptor, client, address));
}

function rawConnection(end: PipeEnd, accept: RawService): SimByteConnection {
  const connection = new SimByteConnection(end.incarnation);
  connection.attach(end);
  connection.events = accept(connection, end.remoteAddress);
  return connection;
}

function upgrade(
  end: PipeEnd,
  acceptor: Acceptor,
  { path, headers }: PipeItem & { readonly kind: 'upgrade' },
): DecidedDial {
  const decision = acceptor.upgrade({ path, headers, remoteAddress: end.remoteAddress });
  const status = decision.accept ? 101 : decision.status;
  end.incarnation.record(`upgrade ${end.remoteAddress} ${status}`);
  end.send({ kind: 'decision', status, headers: decision.headers }, 0);
  const decided = { asked: headers, status, answered: decision.headers };
  if (!decision.accept) return decided;
  const connection = new SimConnection(end);
  end.handler = connection;
  connection.events = decision.opened(connection);
  return decided;
}
