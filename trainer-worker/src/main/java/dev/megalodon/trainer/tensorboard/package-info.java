/**
 * Event files as TensorBoard reads them: records of TFRecord's format, each a protobuf message
 * {@code Event}. Knows nothing of training.
 */
@NullMarked
package dev.megalodon.trainer.tensorboard;

import org.jspecify.annotations.NullMarked;
