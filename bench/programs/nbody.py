"""Planets around a sun: arithmetic of floats, locals and tuples, few calls."""


def advance(bodies, pairs, steps, dt=0.01):
    for _ in range(steps):
        for ((x1, y1, z1), v1, m1), ((x2, y2, z2), v2, m2) in pairs:
            dx, dy, dz = x1 - x2, y1 - y2, z1 - z2
            force = dt * (dx * dx + dy * dy + dz * dz + 0.01) ** -1.5
            v1[0] -= dx * m2 * force
            v1[1] -= dy * m2 * force
            v1[2] -= dz * m2 * force
            v2[0] += dx * m1 * force
            v2[1] += dy * m1 * force
            v2[2] += dz * m1 * force
        for place, speed, _ in bodies:
            place[0] += dt * speed[0]
            place[1] += dt * speed[1]
            place[2] += dt * speed[2]


def main(n):
    bodies = [([i * 1.7, (i * i) % 5 - 2.0, i % 3 - 1.0], [0.1 * i, 0.2, -0.1 * i], 1.0 / (i + 1)) for i in range(5)]
    pairs = [(bodies[i], bodies[k]) for i in range(5) for k in range(i)]
    advance(bodies, pairs, 400 * n)
    return round(sum(sum(place) for place, _, _ in bodies), 6)
