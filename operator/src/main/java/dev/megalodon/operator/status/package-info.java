/** How the job's status is composed: conditions, progress, times. Writes nothing. */
@NullMarked
package dev.megalodon.operator.status;

import org.jspecify.annotations.NullMarked;
