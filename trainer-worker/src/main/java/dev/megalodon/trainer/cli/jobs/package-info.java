/**
 * Jobs in a cluster, from the command line. The cluster is reached through the {@code kubectl}
 * program alone, so context, namespace and rights are a person's own.
 */
@NullMarked
package dev.megalodon.trainer.cli.jobs;

import org.jspecify.annotations.NullMarked;
