/** What tests of several packages share: jobs, pods, a simulated cluster. */
@NullMarked
package dev.megalodon.operator.testing;

import org.jspecify.annotations.NullMarked;
