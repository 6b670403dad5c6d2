"""Who there is, where they live, and on what they work. Addresses are those that documentation may use: RFC 5737,
RFC 3849; numbers of networks: RFC 5398.
"""

from dataclasses import dataclass

GIVEN_NAMES = tuple(
    """
    Aarav Aditi Ajay Akash Amit Ananya Anil Anita Anjali Arjun Arun Asha Bhavna Chetan Deepa Deepak Dev Divya Farhan
    Fatima Gaurav Geeta Gopal Harini Harish Imran Indira Ishaan Jaya Karan Kavita Kavya Kiran Lakshmi Lata Leela Madhu
    Mahesh Manish Meena Meera Mohan Mukesh Nandini Naveen Neha Nikhil Nisha Omar Pallavi Pooja Pranav Priya Radha Rahul
    Rajesh Rakesh Ravi Rekha Ritu Rohan Rohit Sana Sandeep Sanjay Sara Seema Shalini Shreya Siddharth Sneha Sonia Sunil
    Sunita Suresh Swati Tanvi Tarun Uma Usha Varun Vidya Vijay Vikram Vinod Yash Zoya
    """.split()  # noqa: SIM905 - as a person reads it
)
FAMILY_NAMES = tuple(
    """
    Agarwal Ahuja Banerjee Bhat Bose Chandra Chatterjee Chopra Das Desai Deshpande Dutta Fernandes Gandhi Ghosh Gupta
    Hegde Iyer Jain Joshi Kamat Kapoor Kaur Khan Khanna Kulkarni Kumar Mehta Menon Mishra Mukherjee Nair Naidu Narayan
    Pandey Patel Patil Pillai Prasad Qureshi Rao Reddy Roy Saxena Sen Shah Sharma Shetty Singh Sinha Srinivasan
    Subramaniam Thakur Tiwari Trivedi Varma Verma Yadav
    """.split()  # noqa: SIM905
)


@dataclass(frozen=True, slots=True)
class Place:
    """`prefix` and a number make an address there."""

    city: str
    country: str
    asn: int
    prefix: str

    def address(self, number: int) -> str:
        return (
            f"{self.prefix}{number:x}" if ":" in self.prefix else f"{self.prefix}{number % 254 + 1}"
        )


CITIES = (
    Place("Mumbai", "IN", 64496, "203.0.113."),
    Place("Bengaluru", "IN", 64497, "203.0.113."),
    Place("Delhi", "IN", 64498, "203.0.113."),
    Place("Pune", "IN", 64496, "2001:db8:51::"),
    Place("Chennai", "IN", 64497, "2001:db8:44::"),
    Place("Hyderabad", "IN", 64498, "2001:db8:40::"),
    Place("Kolkata", "IN", 64496, "2001:db8:33::"),
    Place("Ahmedabad", "IN", 64497, "2001:db8:79::"),
    Place("Kochi", "IN", 64498, "2001:db8:48::"),
)
ABROAD = (
    Place("Singapore", "SG", 64501, "2001:db8:65::"),
    Place("London", "GB", 64502, "2001:db8:44a::"),
    Place("Dubai", "AE", 64503, "2001:db8:971::"),
)
BOTNET = Place("Amsterdam", "NL", 64510, "198.51.100.")  # a network of servers
THIEF = Place("Lagos", "NG", 64511, "192.0.2.")

_CHROME = "Mozilla/5.0 ({}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 {}Safari/537.36"
USER_AGENTS = (
    _CHROME.format("Windows NT 10.0; Win64; x64", ""),
    _CHROME.format("Linux; Android 14; Pixel 8", "Mobile "),
    _CHROME.format("Macintosh; Intel Mac OS X 10_15_7", ""),
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.1 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0",
)
DEVICE_NAMES = ("Desktop", "Phone", "Laptop", "Phone", "Work machine")
BOT_AGENT = "python-requests/2.32.3"
