import { lookupService } from 'node:dns';
import { isIP } from 'node:net';
import tls, { type DetailedPeerCertificate, type TLSSocket } from 'node:tls';
import { canonicalIp } from '../../ip.ts';
import type { SslOptions } from '../../options/ssl-options.ts';

/** The other end of a connection whose handshake is done. */
export interface SecurePeer {
  readonly socket: TLSSocket;
  readonly side: 'server' | 'client';
  /** What we called a server by: an IP without brackets, or a name. That of a client is its IP. */
  readonly host: string;
  /** Of its socket. */
  readonly ip: string;
  readonly port: number;
}

/** Names of an IP, found backwards; the first one counts. Tests have their own. */
export type ReverseLookup = (
  ip: string,
  port: number,
  done: (name: string | undefined) => void,
) => void;

export const reverseLookup: ReverseLookup = (ip, port, done) => {
  lookupService(ip, port, (error, name) => {
    // Without an entry the system gives the address itself.
    done(error || isIP(name) !== 0 ? undefined : name);
  });
};

/**
 * Decides whether peers are who they should be, by `docs/ssl.md` of Mesos. The handshake itself has
 * verified nothing but that a peer owns its certificate.
 */
export class PeerVerifier {
  readonly #options: SslOptions;
  readonly #lookup: ReverseLookup;

  constructor(options: SslOptions, lookup: ReverseLookup = reverseLookup) {
    this.#options = options;
    this.#lookup = lookup;
  }

  /** `done` is called once, with the reason if the peer is refused. */
  verify(peer: SecurePeer, done: (refusal: string | undefined) => void): void {
    const { side, socket } = peer;
    const options = this.#options;
    if (!(side === 'server' ? options.verifyServerCert : options.requireClientCert)) {
      done(undefined);
      return;
    }
    const certificate = socket.getPeerCertificate(true);
    const refusal = chainRefusal(socket, certificate, options);
    if (refusal !== undefined) {
      done(refusal);
    } else if (options.hostnameValidationScheme === 'openssl') {
      done(side === 'server' ? serverRefusal(peer, certificate, options) : undefined);
    } else {
      this.#verifyByReverseLookup(peer, certificate, done);
    }
  }

  /** `legacy`: the name that DNS has for the IP of the peer, exactly; or that IP, if it may be. */
  #verifyByReverseLookup(
    { ip, port }: SecurePeer,
    certificate: DetailedPeerCertificate,
    done: (refusal: string | undefined) => void,
  ): void {
    if (this.#options.verifyIpAddress && namesIp(certificate, ip)) {
      done(undefined);
      return;
    }
    const advice = namesIp(certificate, ip)
      ? ' (it names the IP, which counts with LIBPROCESS_SSL_VERIFY_IPADD)'
      : '';
    this.#lookup(ip, port, (name) => {
      if (name === undefined)
        done(`no name is known for its IP ${ip}, so that none can be verified${advice}`);
      else if (namesHost(certificate, name)) done(undefined);
      else
        done(`its certificate does not name ${name}, which is the name of its IP ${ip}${advice}`);
    });
  }
}

function chainRefusal(
  { authorized, authorizationError }: TLSSocket,
  certificate: DetailedPeerCertificate,
  { verificationDepth }: SslOptions,
): string | undefined {
  if (Object.keys(certificate).length === 0) return 'it presented no certificate';
  if (!authorized) return explainVerification(String(authorizationError));
  const depth = intermediates(certificate);
  if (depth <= verificationDepth) return undefined;
  return `its certificate is ${depth} intermediate authorities away from a trusted one, and LIBPROCESS_SSL_VERIFICATION_DEPTH is ${verificationDepth}`;
}

/** Authorities between a certificate and the last of its chain, which is the trusted one. */
function intermediates(certificate: DetailedPeerCertificate): number {
  const seen = new Set([certificate.fingerprint256]);
  // The last one of a chain is its own issuer, or has none.
  let issuer = issuerOf(certificate);
  while (issuer && !seen.has(issuer.fingerprint256)) {
    seen.add(issuer.fingerprint256);
    issuer = issuerOf(issuer);
  }
  return Math.max(0, seen.size - 2);
}

const issuerOf = ({
  issuerCertificate,
}: DetailedPeerCertificate): DetailedPeerCertificate | undefined => issuerCertificate;

/** `openssl`: the name, or the IP, that a server was called by. */
function serverRefusal(
  { host }: SecurePeer,
  certificate: DetailedPeerCertificate,
  { verifyIpAddress }: SslOptions,
): string | undefined {
  if (isIP(host) === 0) return tls.checkServerIdentity(host, certificate)?.message;
  if (!verifyIpAddress) {
    return 'it was reached by its IP, and certificates may not name one: set LIBPROCESS_SSL_VERIFY_IPADD';
  }
  return namesIp(certificate, host) ? undefined : `its certificate does not name the IP ${host}`;
}

/** Of kind `DNS` or `IP Address`, in the spelling of Node.js: `DNS:a.b, IP Address:1.2.3.4`. */
function alternativeNames({ subjectaltname }: DetailedPeerCertificate, kind: string): string[] {
  // A name with a comma in it comes in quotes; no host name has one, so that it matches nothing.
  return (subjectaltname ?? '')
    .split(', ')
    .filter((each) => each.startsWith(`${kind}:`))
    .map((each) => each.slice(kind.length + 1));
}

const namesIp = (certificate: DetailedPeerCertificate, ip: string): boolean =>
  alternativeNames(certificate, 'IP Address').some((each) => canonicalIp(each) === canonicalIp(ip));

function namesHost(certificate: DetailedPeerCertificate, name: string): boolean {
  const { CN } = certificate.subject;
  const common = Array.isArray(CN) ? CN : [CN];
  const names = [...alternativeNames(certificate, 'DNS'), ...common];
  return names.some((each) => each?.toLowerCase() === name.toLowerCase());
}

const VERIFICATION_REASONS: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'its certificate has expired',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet',
  CERT_REVOKED: 'its certificate is revoked',
  UNABLE_TO_GET_CRL: 'an authority of its certificate has no list in LIBPROCESS_SSL_CRL_FILE',
  CRL_HAS_EXPIRED: 'the list of an authority in LIBPROCESS_SSL_CRL_FILE has expired',
  CRL_NOT_YET_VALID: 'the list of an authority in LIBPROCESS_SSL_CRL_FILE is not valid yet',
};
const UNKNOWN_AUTHORITY = new Set([
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

function explainVerification(code: string): string {
  if (UNKNOWN_AUTHORITY.has(code)) {
    return `its certificate is of no authority in LIBPROCESS_SSL_CA_FILE or LIBPROCESS_SSL_CA_DIR (${code})`;
  }
  return VERIFICATION_REASONS[code] ?? `its certificate cannot be verified (${code})`;
}
