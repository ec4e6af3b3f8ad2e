/** What a worker tells the world: progress, metrics, health, and why it ended. */
@NullMarked
package dev.megalodon.trainer.progress;

import org.jspecify.annotations.NullMarked;
