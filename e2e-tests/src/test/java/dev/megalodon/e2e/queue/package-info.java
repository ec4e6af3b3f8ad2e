/** Jobs in the queues of a real Kueue. */
@NullMarked
package dev.megalodon.e2e.queue;

import org.jspecify.annotations.NullMarked;
