export { clientNetwork } from './address.js';
export { Admission, type AdmissionOptions } from './admission.js';
