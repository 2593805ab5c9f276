export { Admission, type AdmissionOptions } from './admission.js';
