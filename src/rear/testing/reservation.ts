/** Whom tests of the gateway reserve for. */
export const buyerID = {
  ID: 'turin',
  IP: '127.0.0.1:3005',
  domain: 'edge',
  additionalInformation: { liqoID: 'turin', kubeconfig: 'cGxhbnRlZC1zZWNyZXQ=' },
};

/** And what. */
export const configuration = { type: 'k8slice', data: { cpu: '2', memory: '4Gi', pods: '10' } };
