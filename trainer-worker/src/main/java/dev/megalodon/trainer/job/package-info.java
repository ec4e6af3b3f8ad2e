/** The job as the operator hands it to a worker: environment and spec, read and checked. */
@NullMarked
package dev.megalodon.trainer.job;

import org.jspecify.annotations.NullMarked;
