"""Compiled sparse convolutions.

Maps are flat arrays of (maps, height, width, samples): a row of a map is width * samples numbers
next to each other, so that the work of one connection (target map, source map, dy, dx) is one
vector operation a row, as that of a connection between neurons is one a batch. The cost follows the
connections. No BLAS; scalars reach the kernels as `_kernels` says.

`places` has a column for each connection: source map, dy and dx. `spans` has for each row of each
target map the first column that is needed and the one behind the last. `sizes` are source maps,
their height and width, target maps, their height and width, stride, padding and samples.
"""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import numpy as np

from scann_sklearn.network._compile import kernel

NOTHING = 255  # is chosen of a window without positive values


@kernel(inline="always")
def _run(places, j, y, span, sizes) -> tuple[int, int, int]:
    """What a connection does to a row of its target: first position, how many, where it reads.

    There are none where nothing but padding is read, and none outside of the span.
    """
    _, height, width, _, _, _, stride, padding, m = sizes
    s, sy = places[0, j], y * stride + places[1, j] - padding
    start = places[2, j] - padding
    first = max(0 if start >= 0 else (stride - 1 - start) // stride, span[0])
    last = min((width - 1 - start) // stride + 1, span[1]) if width - 1 >= start else 0
    if sy < 0 or sy >= height or last <= first:
        return 0, 0, 0
    return first, last - first, ((s * height + sy) * width + first * stride + start) * m


@kernel(inline="always")
def _add(target, w, source) -> None:
    """target += w * source. Of slices: indices that begin at 0 are not looked at for signs."""
    for k in range(target.shape[0]):
        target[k] += w * source[k]


@kernel(inline="always")
def _dot(delta, source) -> float:
    """delta @ source."""
    g = delta.dtype.type(0)
    for k in range(delta.shape[0]):
        g += delta[k] * source[k]
    return g


@kernel
def convolve(source, indptr, places, spans, weight, bias, target, rectified, sizes) -> None:
    """Fill `target`, with a ReLU where it is to be rectified; outside of the spans with biases."""
    _, _, _, n_maps, n_rows, width, stride, _, m = sizes
    zero = target.dtype.type(0)
    for t in range(n_maps):
        for y in range(n_rows):
            o = (t * n_rows + y) * width * m
            row = target[o : o + width * m]
            row[:] = bias[t]
            span = spans[t, y, 0], spans[t, y, 1]
            j, stop = indptr[t], indptr[t + 1]
            while j < stop:
                first, n, i = _run(places, j, y, span, sizes)
                if stride == 1 and j + 4 <= stop:
                    f1, n1, i1 = _run(places, j + 1, y, span, sizes)
                    f2, n2, i2 = _run(places, j + 2, y, span, sizes)
                    f3, n3, i3 = _run(places, j + 3, y, span, sizes)
                    if n == n1 == n2 == n3 and first == f1 == f2 == f3:
                        w0, w1, w2, w3 = weight[j], weight[j + 1], weight[j + 2], weight[j + 3]
                        part = row[first * m : (first + n) * m]
                        s0, s1 = source[i : i + n * m], source[i1 : i1 + n * m]
                        s2, s3 = source[i2 : i2 + n * m], source[i3 : i3 + n * m]
                        for k in range(part.shape[0]):
                            part[k] += (w0 * s0[k] + w1 * s1[k]) + (w2 * s2[k] + w3 * s3[k])
                        j += 4
                        continue
                if stride == 1:
                    _add(row[first * m : (first + n) * m], weight[j], source[i : i + n * m])
                else:
                    for x in range(n):
                        p, q = (first + x) * m, i + x * stride * m
                        _add(row[p : p + m], weight[j], source[q : q + m])
                j += 1
            if rectified:
                for k in range(row.shape[0]):
                    row[k] = max(row[k], zero)


@kernel
def undo_relu(value, delta) -> None:
    """Make the gradient with respect to what came out of a ReLU one of what went in."""
    one = delta.dtype.type(1)
    for k in range(delta.shape[0]):
        delta[k] *= np.ceil(min(value[k], one))  # its derivative, without a branch: see `_kernels`


@kernel
def convolve_back(
    source, indptr, places, spans, weight, delta, weight_grad, bias_grad, back, sizes
) -> None:
    """Gradients of weights and biases, and of the source in `back` where that isn't empty.

    `delta` is the gradient of the target before its ReLU, zero outside of the spans.
    """
    _, _, _, n_maps, n_rows, width, stride, _, m = sizes
    zero = delta.dtype.type(0)
    goes_on = back.shape[0] > 0
    back[:] = zero
    weight_grad[:] = zero
    for t in range(n_maps):
        total = zero
        for y in range(n_rows):
            o = (t * n_rows + y) * width * m
            row = delta[o : o + width * m]
            span = spans[t, y, 0], spans[t, y, 1]
            for k in range(row.shape[0]):
                total += row[k]
            for j in range(indptr[t], indptr[t + 1]):
                first, n, i = _run(places, j, y, span, sizes)
                if stride == 1:
                    part, read = row[first * m : (first + n) * m], slice(i, i + n * m)
                    weight_grad[j] += _dot(part, source[read])
                    if goes_on:
                        _add(back[read], weight[j], part)
                else:
                    for x in range(n):
                        p, q = (first + x) * m, i + x * stride * m
                        weight_grad[j] += _dot(row[p : p + m], source[q : q + m])
                        if goes_on:
                            _add(back[q : q + m], weight[j], row[p : p + m])
        bias_grad[t] = total


@kernel
def largest_of(source, target, chosen, window, sizes) -> None:
    """Fill `target` with the largest of each window and zero, and `chosen` with where that is.

    That is a ReLU and a maximum in one. Where nothing is above zero, nothing is chosen.
    """
    n_maps, height, width, n_rows, n_columns, m = sizes
    zero = target.dtype.type(0)
    for t in range(n_maps):
        for y in range(n_rows):
            for x in range(n_columns):
                o = ((t * n_rows + y) * n_columns + x) * m
                best, where = target[o : o + m], chosen[o : o + m]
                best[:] = zero
                where[:] = NOTHING
                for dy in range(window):
                    for dx in range(window):
                        i = ((t * height + y * window + dy) * width + x * window + dx) * m
                        value, place = source[i : i + m], dy * window + dx
                        for k in range(m):
                            is_larger = value[k] > best[k]
                            best[k] = value[k] if is_larger else best[k]
                            where[k] = place if is_larger else where[k]


@kernel
def largest_back(delta, chosen, back, window, sizes) -> None:
    """Send the gradient of each window to where its largest value was."""
    n_maps, height, width, n_rows, n_columns, m = sizes
    zero = back.dtype.type(0)
    back[:] = zero
    for t in range(n_maps):
        for y in range(n_rows):
            for x in range(n_columns):
                o = ((t * n_rows + y) * n_columns + x) * m
                own, where = delta[o : o + m], chosen[o : o + m]
                for dy in range(window):
                    for dx in range(window):
                        i = ((t * height + y * window + dy) * width + x * window + dx) * m
                        value, place = back[i : i + m], dy * window + dx
                        for k in range(m):
                            value[k] = own[k] if where[k] == place else zero


@kernel
def mean_of(source, target, window, sizes) -> None:
    """Fill `target` with the mean of each window."""
    n_maps, height, width, n_rows, n_columns, m = sizes
    share = target.dtype.type(1) / target.dtype.type(window * window)
    for t in range(n_maps):
        for y in range(n_rows):
            for x in range(n_columns):
                o = ((t * n_rows + y) * n_columns + x) * m
                own = target[o : o + m]
                own[:] = target.dtype.type(0)
                for dy in range(window):
                    for dx in range(window):
                        i = ((t * height + y * window + dy) * width + x * window + dx) * m
                        _add(own, share, source[i : i + m])


@kernel
def mean_back(delta, back, window, sizes) -> None:
    """Share the gradient of each window out."""
    n_maps, height, width, n_rows, n_columns, m = sizes
    zero, share = back.dtype.type(0), back.dtype.type(1) / back.dtype.type(window * window)
    back[:] = zero
    for t in range(n_maps):
        for y in range(n_rows):
            for x in range(n_columns):
                o = ((t * n_rows + y) * n_columns + x) * m
                for dy in range(window):
                    for dx in range(window):
                        i = ((t * height + y * window + dy) * width + x * window + dx) * m
                        _add(back[i : i + m], share, delta[o : o + m])
