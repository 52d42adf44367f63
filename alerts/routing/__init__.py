"""Where an alert goes: a tree of routes over labels. Values in, values out; the tree is read elsewhere."""

from alerts.routing.tree import Destination as Destination
from alerts.routing.tree import Node as Node
from alerts.routing.tree import Settings as Settings
from alerts.routing.tree import destinations as destinations
from alerts.routing.tree import grow as grow
