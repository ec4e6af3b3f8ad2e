package dev.megalodon.operator.observe;

/**
 * What keeps a worker's pod from being made or from starting: the reason of a condition, and the
 * way out of it. What is not among these is told in the cluster's own word.
 */
public enum Obstacle {
  /** A ResourceQuota of the namespace is used up, or wants something named that is not. */
  QUOTA_EXCEEDED(
      "QuotaExceeded",
      "raise the quota, or ask for fewer workers or less in spec.worker.resources"),
  /** A LimitRange of the namespace forbids these resources. */
  LIMIT_RANGE_VIOLATED(
      "LimitRangeViolated", "keep spec.worker.resources within the namespace's LimitRange"),
  /** The namespace's Pod Security level forbids what the template asks for. */
  POD_SECURITY_VIOLATION(
      "PodSecurityViolation",
      "take it out of spec.worker.template, or change the namespace's pod-security label"),
  /** A webhook or a policy of the cluster says no. */
  ADMISSION_DENIED("AdmissionDenied", "change what it objects to, or ask whoever runs it"),
  /** A webhook that must be asked does not answer. */
  ADMISSION_UNAVAILABLE("AdmissionUnavailable", "see why that webhook does not answer"),
  /** The template names a ServiceAccount that is not there. */
  SERVICE_ACCOUNT_MISSING(
      "ServiceAccountMissing", "create it, or correct serviceAccountName in spec.worker.template"),
  /** The job names a PriorityClass that is not there. */
  PRIORITY_CLASS_MISSING(
      "PriorityClassMissing", "create it, or correct spec.scheduling.priorityClassName"),
  /** The template names a RuntimeClass that is not there. */
  RUNTIME_CLASS_MISSING(
      "RuntimeClassMissing", "create it, or correct runtimeClassName in spec.worker.template"),
  /** A pod of that name is there and is not this job's. */
  NAME_TAKEN("NameTaken", "it is waited for until that pod is gone"),
  /** The API server may not or will not make the pod, for another reason. */
  POD_FORBIDDEN("PodForbidden", "it is tried again; see what forbids it"),
  /** The API server does not understand the pod. */
  POD_REJECTED("PodRejected", "correct spec.worker.template while the job is suspended"),

  /** The scheduler has not said a word about the pod. */
  NOT_SCHEDULED("NotScheduled", "see that the scheduler runs"),
  /** No node is left, for a reason that is none of the following. */
  UNSCHEDULABLE("Unschedulable", "see kubectl describe nodes"),
  /** A claim of the pod is not there. */
  CLAIM_MISSING("ClaimMissing", "create the claim, or name the right one in a job of another name"),
  /** A claim of the pod has no volume. */
  CLAIM_UNBOUND(
      "ClaimUnbound",
      "kubectl describe pvc says what the claim waits for: a volume, a provisioner"),
  /** Another pod has the claim for itself. */
  CLAIM_IN_USE("ClaimInUse", "use a claim that several pods may mount: ReadWriteMany"),
  /** The pod's volumes are on nodes where it cannot be. */
  VOLUME_NODE_MISMATCH(
      "VolumeNodeMismatch", "use volumes that every node reaches, or fewer constraints on nodes"),
  /** Too few GPUs are free. */
  INSUFFICIENT_GPU(
      "InsufficientGpu", "free or add GPUs, or ask for fewer in spec.worker.resources or workers"),
  /** Too little memory is free. */
  INSUFFICIENT_MEMORY(
      "InsufficientMemory", "free or add memory, or ask for less in spec.worker.resources"),
  /** Too few CPUs are free. */
  INSUFFICIENT_CPU("InsufficientCpu", "free or add CPUs, or ask for less in spec.worker.resources"),
  /** Too little of something else is free. */
  INSUFFICIENT_RESOURCES(
      "InsufficientResources", "free or add them, or ask for less in spec.worker.resources"),
  /** A host port of the pod is taken on every node. */
  PORT_TAKEN(
      "PortTaken", "take hostPort or hostNetwork out of spec.worker.template, or use more nodes"),
  /** Rules about other pods leave no node. */
  POD_AFFINITY_MISMATCH("PodAffinityMismatch", "relax affinity in spec.worker.template"),
  /** No node has the labels that are asked for. */
  NODE_SELECTOR_MISMATCH(
      "NodeSelectorMismatch", "label nodes, or correct nodeSelector or affinity in the template"),
  /** Nodes keep pods away that do not tolerate their taint. */
  UNTOLERATED_TAINT(
      "UntoleratedTaint", "add a toleration to spec.worker.template, or untaint nodes"),
  /** Nodes take no new pods. */
  NODES_CORDONED("NodesCordoned", "kubectl uncordon the nodes, or add some"),

  /** The registry does not give the image. */
  IMAGE_PULL_BACK_OFF(
      "ImagePullBackOff", "correct spec.worker.image, push the image, or add its imagePullSecrets"),
  /** This is no name of an image. */
  INVALID_IMAGE_NAME("InvalidImageName", "correct spec.worker.image while the job is suspended"),
  /** The node lacks the image and may not pull it. */
  ERR_IMAGE_NEVER_PULL(
      "ErrImageNeverPull", "load the image onto the nodes, or change spec.worker.imagePullPolicy"),
  /** The image is being pulled: nothing is wrong yet. */
  PULLING_IMAGE("PullingImage", "wait; a big image takes minutes on a node that lacks it"),
  /** The template names a Secret, or a key of one, that is not there. */
  SECRET_MISSING(
      "SecretMissing", "create it in the job's namespace; the pod then starts by itself"),
  /** The template names a ConfigMap, or a key of one, that is not there. */
  CONFIG_MAP_MISSING(
      "ConfigMapMissing", "create it in the job's namespace; the pod then starts by itself"),
  /** A volume cannot be attached to the node or mounted. */
  VOLUME_NOT_MOUNTED("VolumeNotMounted", "see what kind of volume it is, and whether it is there"),
  /** The node cannot make the pod's surroundings: network, runtime. */
  SANDBOX_FAILED("SandboxFailed", "see the node's network plugin and container runtime"),
  /** Containers of the template that come first still run. */
  INITIALIZING("Initializing", "wait; its log says what it does"),
  /** Somebody holds the pod back: a queue, or whoever set the gate. */
  SCHEDULING_GATED("SchedulingGated", "it goes on when the gate is taken away");

  private final String reason;
  private final String wayOut;

  Obstacle(String reason, String wayOut) {
    this.reason = reason;
    this.wayOut = wayOut;
  }

  /** The reason of a condition: one CamelCase word. */
  public String reason() {
    return reason;
  }

  /** This obstacle in the cluster's words, with the way out. */
  public Blocker in(String words) {
    String sentence = words.strip().replaceAll("[.;]+$", "");
    return new Blocker(reason, sentence + "; way out: " + wayOut);
  }
}
