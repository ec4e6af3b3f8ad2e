/** What exists now, read from the caches into one immutable snapshot. */
@NullMarked
package dev.megalodon.operator.observe;

import org.jspecify.annotations.NullMarked;
