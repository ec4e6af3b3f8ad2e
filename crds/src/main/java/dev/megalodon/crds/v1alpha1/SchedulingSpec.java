package dev.megalodon.crds.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Size;
import org.jspecify.annotations.Nullable;

/** How pods are placed. */
@JsonInclude(Include.NON_NULL)
public record SchedulingSpec(
    @JsonPropertyDescription("PriorityClass of the worker pods. Absent: the cluster's default.")
        @Size(min = 1, max = 253)
        @Nullable String priorityClassName,
    @JsonPropertyDescription("Scheduler of the worker pods. Absent: the cluster's default.")
        @Size(min = 1, max = 253)
        @Nullable String schedulerName) {}
