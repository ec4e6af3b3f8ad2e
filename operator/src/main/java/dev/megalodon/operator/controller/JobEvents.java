package dev.megalodon.operator.controller;

import dev.megalodon.crds.v1alpha1.MegalodonTrainingJob;
import dev.megalodon.operator.naming.JobId;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.ResourceEventAware;
import io.javaoperatorsdk.operator.processing.event.source.inbound.SimpleInboundEventSource;
import java.util.function.Consumer;

/** Brings a job back to the reconciler when its progress changed, and tells when a job is gone. */
final class JobEvents extends SimpleInboundEventSource<MegalodonTrainingJob>
    implements ResourceEventAware<MegalodonTrainingJob> {
  private final Consumer<JobId> onDeleted;

  JobEvents(Consumer<JobId> onDeleted) {
    super("progress");
    this.onDeleted = onDeleted;
  }

  void progressed(JobId job) {
    propagateEvent(new ResourceID(job.name(), job.namespace()));
  }

  @Override
  public void onResourceDeleted(MegalodonTrainingJob job) {
    onDeleted.accept(JobId.of(job));
  }
}
