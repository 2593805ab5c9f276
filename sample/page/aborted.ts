import { fromEvent, type Observable, of } from 'rxjs';

/** Emits when the signal is aborted: at once if it is already. */
export function aborted(signal: AbortSignal): Observable<unknown> {
  return signal.aborted ? of(undefined) : fromEvent(signal, 'abort');
}
