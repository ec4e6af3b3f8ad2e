package dev.megalodon.e2e.behaviours;

import static dev.megalodon.e2e.behaviours.BrokenJob.one;
import static dev.megalodon.e2e.behaviours.BrokenJob.template;
import static dev.megalodon.e2e.behaviours.BrokenJob.worker;

import dev.megalodon.e2e.behaviours.BrokenJob.Place;
import dev.megalodon.e2e.jobs.TinyJob.Setting;
import java.util.List;

/** One job for each cause that keeps jobs from running, and what their surroundings must be. */
final class BrokenJobs {
  /** The node whose port is taken. */
  private static final String NODE = "node-3";

  /** Label of pods that a policy of the test objects to, or whose webhook does not answer. */
  static final String OBJECTED = "e2e.megalodon.dev/objected";

  private static final String ON_NODE =
      "nodeSelector: {kubernetes.io/hostname: %s}".formatted(NODE);

  private BrokenJobs() {}

  static List<BrokenJob> all(String trainer) {
    return List.of(
        worker(
            "image-unknown",
            "image: registry.invalid/nope:1",
            "ImagePullBackOff",
            "image registry.invalid/nope:1 cannot be pulled",
            "failed to",
            "spec.worker.image"),
        worker("image-name", "image: 'No:::Name'", "InvalidImageName", "No:::Name"),
        worker(
            "image-never",
            "image: nope:1\nimagePullPolicy: Never",
            "ErrImageNeverPull",
            "nope:1",
            "imagePullPolicy"),
        new BrokenJob(Place.QUOTA, one("quota"), "QuotaExceeded", "exceeded quota: none", "pods"),
        new BrokenJob(
            Place.LIMITS, one("limits"), "LimitRangeViolated", "maximum memory usage", "128Mi"),
        new BrokenJob(
            Place.RESTRICTED,
            one("insecure").with(Setting.WORKER, "template: {spec: {hostNetwork: true}}"),
            "PodSecurityViolation",
            "restricted",
            "hostNetwork"),
        template("account", "serviceAccountName: nobody", "ServiceAccountMissing", "nobody"),
        BrokenJob.of(
            one("priority").with(Setting.SPEC, "scheduling: {priorityClassName: urgent-none}"),
            "PriorityClassMissing",
            "urgent-none"),
        template("runtime", "runtimeClassName: none", "RuntimeClassMissing", "\"none\""),
        template("handler", "runtimeClassName: e2e-no-handler", "SandboxFailed", "e2e-nothing"),
        worker(
            "denied",
            "template: {metadata: {labels: {%s: policy}}}".formatted(OBJECTED),
            "AdmissionDenied",
            "no pods of that kind"),
        worker(
            "unasked",
            "template: {metadata: {labels: {%s: webhook}}}".formatted(OBJECTED),
            "AdmissionUnavailable",
            "silent.e2e.megalodon.dev"),
        template(
            "port",
            ON_NODE
                + ", containers: [{name: worker, ports: [{containerPort: 31999, hostPort: 31999}]}]",
            "PortTaken",
            "free ports"),
        template("selector", "nodeSelector: {not: there}", "NodeSelectorMismatch", "selector"),
        BrokenJob.of(
            one("gpu").with(Setting.RESOURCES, "{limits: {nvidia.com/gpu: 1}}"),
            "InsufficientGpu",
            "Insufficient nvidia.com/gpu"),
        BrokenJob.of(
            one("memory").with(Setting.RESOURCES, "{requests: {memory: 100Ti}}"),
            "InsufficientMemory",
            "Insufficient memory"),
        BrokenJob.of(
            one("cpu").with(Setting.RESOURCES, "{requests: {cpu: 1000}}"),
            "InsufficientCpu",
            "Insufficient cpu"),
        BrokenJob.of(
            one("scheduler").with(Setting.SPEC, "scheduling: {schedulerName: nobody}"),
            "NotScheduled",
            "scheduler nobody"),
        template("gate", "schedulingGates: [{name: e2e/hold}]", "SchedulingGated", "e2e/hold"),
        BrokenJob.of(
            one("claim-missing").with(Setting.CHECKPOINTS, "nope"), "ClaimMissing", "\"nope\""),
        BrokenJob.of(
            one("claim-unbound").with(Setting.CHECKPOINTS, "unbound"), "ClaimUnbound", "unbound"),
        template(
            "secret-variable",
            "containers: [{name: worker, env: [{name: TOKEN, valueFrom: {secretKeyRef: {name: nope, key: a}}}]}]",
            "SecretMissing",
            "secret \"nope\" not found"),
        template(
            "config-variable",
            "containers: [{name: worker, envFrom: [{configMapRef: {name: nope}}]}]",
            "ConfigMapMissing",
            "configmap \"nope\" not found"),
        template(
            "secret-volume",
            "volumes: [{name: token, secret: {secretName: nope}}], " + mounted("token"),
            "SecretMissing",
            "secret \"nope\" not found"),
        template(
            "folder",
            "volumes: [{name: scratch, hostPath: {path: /not/there, type: Directory}}], "
                + mounted("scratch"),
            "VolumeNotMounted",
            "/not/there"),
        template(
            "crash",
            "containers: [{name: worker, env: [{name: JAVA_TOOL_OPTIONS, value: '-XX:NoSuchOption'}]}]",
            "WorkerFailed",
            "exit code 1",
            "NoSuchOption"),
        template(
            "init",
            "initContainers: [{name: fetch, image: '%s', args: [no-such-command], terminationMessagePolicy: FallbackToLogsOnError}]"
                .formatted(trainer),
            "InitContainerFailed",
            "init container fetch ended with exit code",
            "no-such-command"));
  }

  /** A volume that no container mounts holds nobody up. */
  private static String mounted(String volume) {
    return "containers: [{name: worker, volumeMounts: [{name: %1$s, mountPath: /%1$s}]}]"
        .formatted(volume);
  }

  /** What has to be in the open namespace, or in the cluster, for these to be broken as meant. */
  static String surroundings() {
    return """
        apiVersion: v1
        kind: PersistentVolumeClaim
        metadata: {name: unbound}
        spec:
          accessModes: [ReadWriteMany]
          resources: {requests: {storage: 1Gi}}
          storageClassName: ""
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: squatter}
        spec:
          nodeName: %1$s
          containers:
            - name: squatter
              image: nope:1
              imagePullPolicy: Never
              ports: [{containerPort: 31999, hostPort: 31999}]
        ---
        apiVersion: node.k8s.io/v1
        kind: RuntimeClass
        metadata: {name: e2e-no-handler}
        handler: e2e-nothing
        ---
        apiVersion: admissionregistration.k8s.io/v1
        kind: ValidatingAdmissionPolicy
        metadata: {name: e2e-broken-jobs}
        spec:
          failurePolicy: Fail
          matchConstraints:
            objectSelector: {matchLabels: {%2$s: policy}}
            resourceRules:
              - {apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}
          validations:
            - {expression: "false", message: no pods of that kind}
        ---
        apiVersion: admissionregistration.k8s.io/v1
        kind: ValidatingAdmissionPolicyBinding
        metadata: {name: e2e-broken-jobs}
        spec: {policyName: e2e-broken-jobs, validationActions: [Deny]}
        ---
        apiVersion: admissionregistration.k8s.io/v1
        kind: ValidatingWebhookConfiguration
        metadata: {name: e2e-broken-jobs}
        webhooks:
          - name: silent.e2e.megalodon.dev
            admissionReviewVersions: [v1]
            sideEffects: None
            timeoutSeconds: 2
            failurePolicy: Fail
            objectSelector: {matchLabels: {%2$s: webhook}}
            clientConfig: {service: {namespace: default, name: nothing, path: /}}
            rules:
              - {apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}
        """
        .formatted(NODE, OBJECTED);
  }
}
