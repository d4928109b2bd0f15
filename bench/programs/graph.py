"""Searches in a graph: queues, heaps, sets, dictionaries of lists, a union of sets."""
import heapq
from collections import deque


def network(size, seed):
    edges = {node: [] for node in range(size)}
    state = seed
    for node in range(1, size):
        for _ in range(3):
            state = (state * 69069 + 1) % 4294967296
            other = (state >> 12) % node
            weight = 1 + (state >> 5) % 20
            edges[node].append((other, weight))
            edges[other].append((node, weight))
    return edges


def shortest(edges, start):
    best, heap = {}, [(0, start)]
    while heap:
        length, node = heapq.heappop(heap)
        if node in best:
            continue
        best[node] = length
        for other, weight in edges[node]:
            if other not in best:
                heapq.heappush(heap, (length + weight, other))
    return best


def rings(edges, start):
    depth, queue = {start: 0}, deque([start])
    while queue:
        node = queue.popleft()
        for other, _ in edges[node]:
            if other not in depth:
                depth[other] = depth[node] + 1
                queue.append(other)
    return depth


def spanning(edges):
    parent = list(range(len(edges)))

    def find(node):
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    total = 0
    for weight, node, other in sorted((w, n, o) for n, near in edges.items() for o, w in near if n < o):
        one, two = find(node), find(other)
        if one != two:
            parent[one] = two
            total += weight
    return total


def main(n):
    total = 0
    for i in range(n):
        edges = network(120, 7 + i % 3)
        total += sum(shortest(edges, i % 120).values()) + max(rings(edges, 0).values()) + spanning(edges)
    return total
