package dev.megalodon.crds.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/** How pods are placed. */
@JsonInclude(Include.NON_NULL)
@ValidationRule(
    value = "!has(self.queueName) || self.gang == 'none'",
    fieldPath = ".gang",
    message = "gang must be none with a queueName: Kueue admits all workers of a job at once")
public record SchedulingSpec(
    @JsonPropertyDescription(
            "Kueue LocalQueue of the job's namespace that admits all workers at once. Absent: no"
                + " queue. May change while the job is suspended.")
        @Size(min = 1, max = 63)
        @Pattern("^[a-z0-9]([-a-z0-9]*[a-z0-9])?$")
        @Nullable String queueName,
    @JsonPropertyDescription(
            "Who places all workers or none without a queue: none, coscheduling (a PodGroup of the"
                + " scheduler-plugins; schedulerName names the scheduler that has the plugin) or"
                + " volcano (a PodGroup of Volcano). May change while the job is suspended.")
        @Default("none")
        Gang gang,
    @JsonPropertyDescription(
            "PriorityClass of the worker pods. Absent: the cluster's default. May change while the"
                + " job is suspended.")
        @Size(min = 1, max = 253)
        @Nullable String priorityClassName,
    @JsonPropertyDescription(
            "Scheduler of the worker pods. Absent: the cluster's default; volcano with gang"
                + " volcano. May change while the job is suspended.")
        @Size(min = 1, max = 253)
        @Nullable String schedulerName) {

  /** Who places all workers or none. */
  public enum Gang {
    /** Nobody: each worker is placed by itself. */
    @JsonProperty("none")
    NONE,
    /** The coscheduling plugin of kubernetes-sigs/scheduler-plugins. */
    @JsonProperty("coscheduling")
    COSCHEDULING,
    /** Volcano. */
    @JsonProperty("volcano")
    VOLCANO
  }
}
