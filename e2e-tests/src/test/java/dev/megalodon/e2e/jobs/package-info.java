/** Jobs on the real cluster: they train, are hurt, recover, end and are deleted. */
@NullMarked
package dev.megalodon.e2e.jobs;

import org.jspecify.annotations.NullMarked;
