package dev.megalodon.operator.resources;

import dev.megalodon.crds.contract.WorkerPaths;
import dev.megalodon.crds.contract.WorkerPorts;
import dev.megalodon.crds.v1alpha1.MegalodonTrainingJob;
import dev.megalodon.operator.naming.JobId;
import dev.megalodon.operator.naming.Labels;
import dev.megalodon.operator.naming.Names;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.ServicePortBuilder;
import java.util.Base64;
import java.util.Map;

/** What all workers of a job share. */
public final class JobResources {
  /** Bytes of the key that joins are signed with. */
  public static final int KEY_BYTES = 32;

  private static final String COMPONENT = "job";

  private JobResources() {}

  /**
   * Headless, so that every rank has a DNS name; addresses are published before pods are ready,
   * because ranks must meet before any of them is.
   */
  public static Service service(MegalodonTrainingJob job) {
    JobId id = JobId.of(job);
    return new ServiceBuilder()
        .withMetadata(metadata(job, Names.service(id)))
        .withNewSpec()
        .withClusterIP("None")
        .withPublishNotReadyAddresses(true)
        .withSelector(Labels.selector(id))
        .withPorts(
            port("rendezvous", "TCP", WorkerPorts.RENDEZVOUS),
            port("collectives", "UDP", WorkerPorts.COLLECTIVES),
            port("http", "TCP", WorkerPorts.HTTP))
        .endSpec()
        .build();
  }

  private static ServicePort port(String name, String protocol, int port) {
    return new ServicePortBuilder()
        .withName(name)
        .withProtocol(protocol)
        .withPort(port)
        .withNewTargetPort(port)
        .build();
  }

  /** The spec as workers read it; immutable, named after its content. */
  public static ConfigMap configMap(MegalodonTrainingJob job) {
    SpecDocument document = SpecDocument.of(job.getSpec());
    return new ConfigMapBuilder()
        .withMetadata(metadata(job, Names.configMap(JobId.of(job), document.hash())))
        .withImmutable(true)
        .withData(Map.of(fileName(WorkerPaths.JOB_SPEC), document.json()))
        .build();
  }

  /** The key of the job's joins; immutable, made once and never read back by the operator. */
  public static Secret secret(MegalodonTrainingJob job, byte[] key) {
    return new SecretBuilder()
        .withMetadata(metadata(job, Names.secret(JobId.of(job))))
        .withImmutable(true)
        .withType("Opaque")
        .withData(Map.of(fileName(WorkerPaths.JOB_SECRET), Base64.getEncoder().encodeToString(key)))
        .build();
  }

  static ObjectMeta metadata(MegalodonTrainingJob job, String name) {
    return new ObjectMetaBuilder()
        .withName(name)
        .withNamespace(job.getMetadata().getNamespace())
        .withLabels(Labels.of(JobId.of(job), COMPONENT))
        .withOwnerReferences(owner(job))
        .build();
  }

  /** Makes the job the owner: what it owns goes when it goes. */
  static OwnerReference owner(MegalodonTrainingJob job) {
    return new OwnerReferenceBuilder()
        .withApiVersion(job.getApiVersion())
        .withKind(job.getKind())
        .withName(job.getMetadata().getName())
        .withUid(job.getMetadata().getUid())
        .withController(true)
        .withBlockOwnerDeletion(true)
        .build();
  }

  static String fileName(String path) {
    return path.substring(path.lastIndexOf('/') + 1);
  }

  static String folder(String path) {
    return path.substring(0, path.lastIndexOf('/'));
  }
}
