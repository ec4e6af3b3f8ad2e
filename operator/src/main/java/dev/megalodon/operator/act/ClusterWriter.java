package dev.megalodon.operator.act;

import dev.megalodon.crds.v1alpha1.MegalodonTrainingJobStatus;
import dev.megalodon.operator.observe.Blocker;
import dev.megalodon.operator.plan.Notice;
import java.util.Optional;

/** Every write that is made for one job. Each throws if the API server could not be asked. */
public interface ClusterWriter {

  /** Writes the status; fails if somebody changed the job since it was read. */
  void writeStatus(MegalodonTrainingJobStatus status);

  /**
   * Makes what all pods mount and resolve: Service, ConfigMap, Secret.
   *
   * @return why the API server will not have one of them; empty if they exist now
   */
  Optional<Blocker> ensureShared();

  /**
   * Creates a pod; one of that name that exists is as good.
   *
   * @return why the API server will not have it; empty if it exists now
   */
  Optional<Blocker> createPod(int rank, long incarnation);

  /** Deletes a pod with its own grace period; one that is gone is as good. */
  void deletePod(String pod, String why);

  /** Marks a pod Failed that cannot say so itself and removes it without waiting. */
  void removeLostPod(String pod, String why);

  /** Ends a pod at once whose worker cannot end itself, and marks it Failed. */
  void removeStalledPod(String pod, String why);

  /** Deletes the job. */
  void deleteJob(String why);

  /** Tells people; losing one is no error. */
  void tell(Notice notice);
}
