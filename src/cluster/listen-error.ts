// Says what to do when the API server's port cannot be had, or a file that an option names.
import { AdmissionOptionError } from '../apiserver/admission/control/options.js';
import { AggregationOptionError } from '../apiserver/aggregation/proxy-client.js';
import { AuditOptionError } from '../apiserver/audit/options.js';
import { AuthenticationOptionError } from '../apiserver/authentication/options.js';
import { AuthorizationOptionError } from '../apiserver/authorization/options.js';
import { OptionError } from './options.js';

/** An OptionError for the system's reasons that a user can do something about; other errors as they are. */
export function listenError(error: unknown, bind: string, port: number): unknown {
  if (error instanceof AuthenticationOptionError || error instanceof AuthorizationOptionError || error instanceof AuditOptionError)
    return new OptionError(error.message);
  if (error instanceof AdmissionOptionError || error instanceof AggregationOptionError) return new OptionError(error.message);
  const code = (error as { code?: unknown } | undefined)?.code;
  switch (code) {
    case 'EADDRINUSE':
      return new OptionError(`port ${port} on ${bind} is in use: choose another with --port, or a free one with --port 0`);
    case 'EACCES':
      return new OptionError(`port ${port} needs more rights than this user has: choose one above 1023 with --port`);
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EINVAL':
      return new OptionError(`${bind} is no address of this machine: choose one with --bind, such as 127.0.0.1 or 0.0.0.0`);
    default:
      return error;
  }
}
