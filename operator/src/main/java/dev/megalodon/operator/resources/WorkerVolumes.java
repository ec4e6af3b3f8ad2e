package dev.megalodon.operator.resources;

import dev.megalodon.crds.contract.WorkerPaths;
import dev.megalodon.crds.v1alpha1.DataSpec;
import dev.megalodon.crds.v1alpha1.MegalodonTrainingJob;
import dev.megalodon.operator.naming.JobId;
import dev.megalodon.operator.naming.Names;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.VolumeMountBuilder;
import java.util.ArrayList;
import java.util.List;

/** What a worker finds in its file system beside its image. */
record WorkerVolumes(List<Volume> volumes, List<VolumeMount> mounts) {
  private static final String DATA_PREFIX = "data-";

  static WorkerVolumes of(MegalodonTrainingJob job, WorkerDefaults defaults) {
    WorkerVolumes all = new WorkerVolumes(new ArrayList<>(), new ArrayList<>());
    JobId id = JobId.of(job);
    String spec = Names.configMap(id, SpecDocument.of(job.getSpec()).hash());
    all.add(
        new VolumeBuilder().withName("job").withNewConfigMap().withName(spec).endConfigMap(),
        JobResources.folder(WorkerPaths.JOB_SPEC),
        true);
    all.add(
        new VolumeBuilder()
            .withName("secret")
            .withNewSecret()
            .withSecretName(Names.secret(id))
            .withDefaultMode(0440)
            .endSecret(),
        JobResources.folder(WorkerPaths.JOB_SECRET),
        true);
    String checkpoints = job.getSpec().checkpoint().volume().claimName();
    all.add(claim("checkpoints", checkpoints, false), WorkerPaths.CHECKPOINTS, false);
    for (DataSpec.Volume volume : job.getSpec().data().volumes()) {
      all.add(
          claim(DATA_PREFIX + volume.name(), volume.claimName(), volume.readOnly()),
          WorkerPaths.DATA + "/" + volume.name(),
          volume.readOnly());
    }
    all.addScratch(defaults);
    return all;
  }

  /**
   * The root is read-only: Aeron's buffers and unpacked native libraries need places of their own.
   */
  private void addScratch(WorkerDefaults defaults) {
    add(
        new VolumeBuilder()
            .withName("shared-memory")
            .withNewEmptyDir()
            .withMedium("Memory")
            .withSizeLimit(new Quantity(defaults.sharedMemory()))
            .endEmptyDir(),
        "/dev/shm",
        false);
    add(new VolumeBuilder().withName("tmp").withNewEmptyDir().endEmptyDir(), "/tmp", false);
  }

  private static VolumeBuilder claim(String name, String claim, boolean readOnly) {
    return new VolumeBuilder()
        .withName(name)
        .withNewPersistentVolumeClaim()
        .withClaimName(claim)
        .withReadOnly(readOnly ? true : null)
        .endPersistentVolumeClaim();
  }

  private void add(VolumeBuilder volume, String path, boolean readOnly) {
    Volume built = volume.build();
    volumes.add(built);
    mounts.add(
        new VolumeMountBuilder()
            .withName(built.getName())
            .withMountPath(path)
            .withReadOnly(readOnly ? true : null)
            .build());
  }
}
