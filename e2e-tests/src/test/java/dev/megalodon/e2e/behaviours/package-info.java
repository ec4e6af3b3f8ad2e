/**
 * What a person with kubectl sees of a job's life: the behaviours that operators for training are
 * known for, one after the other, and jobs that cannot run. The table is in the module's README.
 */
@NullMarked
package dev.megalodon.e2e.behaviours;

import org.jspecify.annotations.NullMarked;
