import { z } from 'zod';

/*
 * Identities that other parties choose and that become names, labels or namespaces in Kubernetes. Whatever is no such
 * name is refused at the edge, before anything is written: the API server would refuse it later, again and again.
 */

const label = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const labelValue = /^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/;

/** @param longest characters */
function dnsLabel(longest: number) {
  return z
    .string()
    .min(1, 'must not be empty')
    .max(longest, `must have at most ${longest} characters`)
    .regex(label, 'must be a DNS label: lower case letters, digits and inner dashes');
}

/** Longest cluster id whose tenant namespace, `liqo-tenant-<id>`, is a valid name of 63 characters. */
export const longestClusterId = 51;

/** Liqo cluster id: part of the names of namespaces, Secrets and workflows, and a label value. */
export const ClusterId = dnsLabel(longestClusterId);

/** Id of a node: a label value. FLUIDOS makes it of lower case letters and digits. */
export const NodeId = z
  .string()
  .min(1, 'must not be empty')
  .max(63, 'must have at most 63 characters')
  .regex(labelValue, 'must be a label value: letters, digits, and inner dashes, dots and underscores');

/** Domain of a node, or nothing where it has none. */
export const DomainName = z
  .string()
  .max(253, 'must have at most 253 characters')
  .regex(/^$|^[A-Za-z0-9]([-A-Za-z0-9.]*[A-Za-z0-9])?$/, 'must be a domain name');

/** Id of a flavor, transaction or contract: the name of its row. */
export const ObjectName = z
  .string()
  .min(1, 'must not be empty')
  .max(253, 'must have at most 253 characters')
  .regex(subdomain, 'must be the name of a Kubernetes object: lower case letters, digits, dashes and dots');

/** Name of a namespace. */
export const NamespaceName = dnsLabel(63);
