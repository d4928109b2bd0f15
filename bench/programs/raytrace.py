"""Spheres and light: small objects, methods, operators and properties of a class."""
import math


class Vector:
    def __init__(self, x, y, z):
        self.x, self.y, self.z = x, y, z

    def __add__(self, other):
        return Vector(self.x + other.x, self.y + other.y, self.z + other.z)

    def __sub__(self, other):
        return Vector(self.x - other.x, self.y - other.y, self.z - other.z)

    def __mul__(self, factor):
        return Vector(self.x * factor, self.y * factor, self.z * factor)

    def dot(self, other):
        return self.x * other.x + self.y * other.y + self.z * other.z

    @property
    def length(self):
        return math.sqrt(self.dot(self))

    def unit(self):
        return self * (1.0 / self.length)


class Sphere:
    def __init__(self, centre, radius):
        self.centre, self.radius = centre, radius

    def distance(self, origin, direction):
        to = self.centre - origin
        along = to.dot(direction)
        rest = self.radius * self.radius - (to.dot(to) - along * along)
        return along - math.sqrt(rest) if rest > 0 else None

    def normal(self, point):
        return (point - self.centre).unit()


class Scene:
    def __init__(self, spheres, light):
        self.spheres, self.light = spheres, light

    def first_hit(self, origin, direction):
        best = None
        for sphere in self.spheres:
            distance = sphere.distance(origin, direction)
            if distance is not None and distance > 1e-6 and (best is None or distance < best[0]):
                best = distance, sphere
        return best

    def brightness(self, origin, direction, depth):
        hit = self.first_hit(origin, direction)
        if hit is None:
            return 0.1
        point = origin + direction * hit[0]
        normal = hit[1].normal(point)
        to_light = (self.light - point).unit()
        shade = 0.0 if self.first_hit(point, to_light) else max(0.0, normal.dot(to_light))
        if depth == 0:
            return shade
        mirrored = direction - normal * (2 * normal.dot(direction))
        return 0.7 * shade + 0.3 * self.brightness(point, mirrored, depth - 1)


def main(n):
    spheres = [Sphere(Vector(i - 2.0, (i % 2) * 0.7, 6.0 + i), 0.8) for i in range(5)]
    scene = Scene(spheres, Vector(5.0, 8.0, -3.0))
    eye, size, total = Vector(0.0, 0.0, 0.0), 12, 0.0
    for _ in range(n):
        for row in range(size):
            for column in range(size):
                direction = Vector((column - size / 2) / size, (row - size / 2) / size, 1.0).unit()
                total += scene.brightness(eye, direction, 2)
    return round(total, 6)
