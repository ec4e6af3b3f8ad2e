/** How jobs and everything made for them are called. */
@NullMarked
package dev.megalodon.operator.naming;

import org.jspecify.annotations.NullMarked;
