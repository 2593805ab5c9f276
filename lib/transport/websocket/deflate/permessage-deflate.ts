import {
  type AcceptedOffer,
  type DeflateParameters,
  type Extension,
  type ExtensionParameters,
  PERMESSAGE_DEFLATE,
  RSV1,
  answerOffer,
  readAnswer,
  writeOffers,
} from '../../../protocol/websocket/index.js';
import { type DeflateSettings, type PerMessageDeflateOptions, deflateSettings } from './deflate-options.js';
import { DeflateTransform } from './deflate-transform.js';
import { isWithinBudget, reserveMemory, windowMemory } from './memory-budget.js';

/**
 * Makes the `permessage-deflate` extension, RFC 7692, for servers and clients.
 * @throws RangeError for an option out of its range
 */
export function perMessageDeflate(options: PerMessageDeflateOptions = {}): Extension {
  const settings = deflateSettings(options);
  return {
    name: PERMESSAGE_DEFLATE,
    rsv: RSV1,
    accept: (offer) => accept(offer, settings),
    offers: () => writeOffers(settings),
    confirm: (answer) => {
      const agreed = readAnswer(answer, settings);
      return {
        parameters: answer,
        open: (limits) => new DeflateTransform('client', agreed, settings, limits, 0),
      };
    },
  };
}

/** Beyond the budget a connection still compresses, with contexts that it shares with others. */
function accept(offer: ExtensionParameters, settings: DeflateSettings): AcceptedOffer | undefined {
  const answer = answerOffer(offer, settings);
  if (answer === undefined) return undefined;
  const bytes = windowMemory(answer.agreed, settings.memLevel);
  if (isWithinBudget(bytes, settings.memoryBudgetBytes)) return opened(answer, settings);
  const frugal = { ...settings, serverNoContextTakeover: true, clientNoContextTakeover: true };
  const shared = answerOffer(offer, frugal);
  return shared && opened(shared, settings);
}

function opened(
  { agreed, parameters }: { agreed: DeflateParameters; parameters: ExtensionParameters },
  settings: DeflateSettings,
): AcceptedOffer {
  return {
    parameters,
    open: (limits) => {
      const bytes = windowMemory(agreed, settings.memLevel);
      reserveMemory(bytes);
      return new DeflateTransform('server', agreed, settings, limits, bytes);
    },
  };
}
