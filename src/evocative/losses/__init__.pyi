"""What this room exports, and from where; `__init__.py` reads it."""

from .contrastive_center import inter as inter
from .contrastive_center import intra as intra
from .contrastive_center import qi_su as qi_su
from .objective import LOSSES as LOSSES
from .objective import Losses as Losses
from .objective import Objective as Objective
from .rotation import rotation_loss as rotation_loss
from .rotation import turn as turn
from .rotation import turned_copies as turned_copies
from .vad import dimension_loss as dimension_loss
