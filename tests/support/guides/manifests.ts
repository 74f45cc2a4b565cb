import { parseAllDocuments } from "npm:yaml@^2.9.1";

/** A probe of a container. */
interface HttpProbe {
  readonly httpGet: { readonly path: string; readonly port: number };
  readonly timeoutSeconds: number;
}

/** A volume of a pod. */
interface Volume {
  readonly name: string;
  readonly secret?: { readonly secretName: string; readonly defaultMode: number };
  readonly projected?: { readonly sources: readonly { readonly serviceAccountToken: ProjectedSource }[] };
}

/** A token that the kubelet projects. */
interface ProjectedSource {
  readonly path: string;
  readonly audience: string;
  readonly expirationSeconds: number;
}

/** What a container may do. */
interface SecurityContext {
  readonly allowPrivilegeEscalation: boolean;
  readonly capabilities: { readonly drop: readonly string[] };
}

/** What the user of a pod's containers is, and which system calls they may make. */
interface PodSecurityContext {
  readonly runAsNonRoot: boolean;
  readonly fsGroup: number;
  readonly seccompProfile: { readonly type: string };
}

/** A container of a pod. */
interface Container {
  readonly securityContext: SecurityContext;
  readonly command: readonly string[];
  readonly envFrom: readonly { readonly configMapRef: { readonly name: string } }[];
  readonly ports: readonly { readonly containerPort: number }[];
  readonly readinessProbe: HttpProbe;
  readonly livenessProbe: HttpProbe;
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string; readonly subPath?: string }[];
}

/** A pod. */
interface PodSpec {
  readonly securityContext: PodSecurityContext;
  readonly serviceAccountName: string;
  readonly containers: readonly Container[];
  readonly volumes: readonly Volume[];
}

/** What the manifest of a service consists of. */
export interface ServiceManifest {
  readonly ConfigMap: { readonly metadata: Named; readonly data: Readonly<Record<string, string>> };
  readonly ServiceAccount: { readonly metadata: Named };
  readonly Deployment: {
    readonly metadata: Named;
    readonly spec: {
      readonly selector: { readonly matchLabels: Labels };
      readonly template: { readonly metadata: { readonly labels: Labels }; readonly spec: PodSpec };
    };
  };
  readonly Service: { readonly spec: { readonly selector: Labels; readonly ports: readonly { targetPort: number }[] } };
}

/** A network policy with the ports that it opens. */
export interface NetworkPolicy {
  readonly spec: {
    readonly podSelector: { readonly matchLabels: Labels };
    readonly policyTypes: readonly string[];
    readonly ingress: readonly Rule[];
    readonly egress: readonly Rule[];
  };
}

interface Rule {
  readonly ports: readonly { readonly protocol: string; readonly port: number }[];
}

type Labels = Readonly<Record<string, string>>;
type Named = { readonly name: string };

/** Puts the documents of a manifest under their kinds. */
export function byKind<T>(documents: readonly unknown[]): T {
  return Object.fromEntries(documents.map((each) => [(each as { readonly kind: string }).kind, each])) as T;
}

/** Parses the documents of a YAML text; `version` is that of the parser that reads it. */
export function parseYaml(text: string, version: "1.1" | "1.2" = "1.2"): readonly unknown[] {
  return parseAllDocuments(text, { version }).map((document) => {
    if (document.errors.length > 0) throw document.errors[0]!;
    return document.toJS();
  });
}
